import { include, wgsl } from '../../backend/kernel';

/** Depths of a slice of A or B, as in the library. */
const DEPTH = 16;
/** Rows of a thread. */
const ROWS = range(8);

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/**
 * The shader of large tiles, `tile` rows by `tile` columns: 256 threads for 128, 64 for 64.
 *
 * It is written out here, and not in loops of WGSL, because compilers do not all unroll these, and keep
 * arrays in registers only where every index is a constant: on an H200 a loop over the depths cost 9 to
 * 29 %, an array of sums 21 to 40 %.
 *
 * @param written depths that are written out one after the other, in a loop over the others: a divisor
 *   of 16.
 */
export function tilesSource(tile: 64 | 128, written = DEPTH): string {
  const side = tile / 8;
  // A slice of 128 lines has half as many blocks as there are threads; one of 64 has as many.
  const shares =
    tile === 128 ? ['local % BLOCKS, local >= BLOCKS'] : ['local, false', 'local, true'];
  return wgsl(
    include('lib/matmul_tiles'),
    /* wgsl */ `
@compute @workgroup_size(${side}, ${side})
fn tiles(@builtin(workgroup_id) workgroup: vec3<u32>,
         @builtin(num_workgroups) workgroups: vec3<u32>,
         @builtin(local_invocation_id) thread: vec3<u32>,
         @builtin(local_invocation_index) local: u32) {
  let p = place(workgroup_index(workgroup, workgroups));
  if (is_spare(p)) { return; }
  ${each(shares, (share, i) => `let share${i} = share_of(p, ${share});`)}

  // Row 0 to 3 of the upper blocks and 4 to 7 of the lower: the left four columns, and the right.
  ${each(ROWS, (row) => `var left${row} = vec4<f32>(); var right${row} = vec4<f32>();`)}

  ${each(shares, (_, i) => `var next${i} = read_share(share${i}, p.from_k, p.to_k);`)}
  for (var k = p.from_k; k < p.to_k; k += DEPTH) {
    ${each(shares, (_, i) => `put_share(share${i}, next${i});`)}
    workgroupBarrier();
    // The next slice is on its way while this one is multiplied.
    ${each(shares, (_, i) => `next${i} = read_share(share${i}, k + DEPTH, p.to_k);`)}
    for (var depth = 0u; depth < DEPTH; depth += ${written}u) {
      ${each(range(written), (depth) => product(depth, side))}
    }
    workgroupBarrier();
  }

  // Variables, because WGSL indexes no value by a variable.
  var lefts = array(${ROWS.map((row) => `left${row}`).join(', ')});
  var rights = array(${ROWS.map((row) => `right${row}`).join(', ')});
  for (var i = 0u; i < 8u; i++) {
    let row = p.row + thread.y * 4u + i / 4u * (TILE / 2u) + i % 4u;
    take(p, row, p.column + thread.x * 4u, lefts[i]);
    take(p, row, p.column + thread.x * 4u + TILE / 2u, rights[i]);
  }
}
`,
  );
}

/** The outer product of eight rows and eight columns at a depth, added to the sums. */
function product(depth: number, side: number): string {
  const at = `(depth + ${depth}u) * ACROSS`;
  return `{
        let upper = slices[${at} + thread.y];
        let lower = slices[${at} + thread.y + ${side}u];
        let left = slices[SLICE_B + ${at} + thread.x];
        let right = slices[SLICE_B + ${at} + thread.x + ${side}u];
        ${each(ROWS, (row) => {
          const x = `vec4<f32>(${row < 4 ? 'upper' : 'lower'}.${'xyzw'[row % 4]})`;
          return `left${row} = fma(${x}, left, left${row}); right${row} = fma(${x}, right, right${row});`;
        })}
      }`;
}

function each<T>(items: readonly T[], line: (item: T, i: number) => string): string {
  return items.map(line).join('\n');
}
