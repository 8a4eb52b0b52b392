/**
 * A workgroup of the scan (shaders/lib/scan.wgsl): `lanes` columns by `lines` by `slices` of the depth are its
 * threads, of which each has `rows` rows. A column has `quads` vec4s, the sums of `units` units.
 */
export interface Tile {
  readonly lanes: number;
  readonly lines: number;
  readonly rows: number;
  readonly slices: number;
  readonly quads: number;
  readonly units: number;
  /** Sums of a unit; 4 quads = sums units. */
  readonly sums: number;
  /** Slices that are joined by shuffles of a subgroup, next to each other; 1 without. A power of two. */
  readonly shuffled: number;
  /** Rows of a thread that lie in workgroup memory at once; all of them where slices are shuffled. */
  readonly held: number;
}

/** Turns of the depth, of four each, whose weights are loaded before the first of them is used. */
const TURNS = 2;

const range = (n: number): number[] => [...Array(n).keys()];
/** The name of the sum of quad `q` for row `r`; with one quad, no letter. */
const sumNames = ({ rows, quads }: Tile): string[] =>
  range(rows).flatMap((r) => range(quads).map((q) => `sum${r}${letter(q, quads)}`));
const letter = (q: number, quads: number): string => (quads > 1 ? 'abcd'[q] : '');

/**
 * What of the scan's shader depends on the size of a tile: its constants, and what is written out row by row,
 * as arrays of sums would not stay in registers. `enable` goes to the front of the shader.
 */
export function tileSource(tile: Tile): { enable: string; source: string } {
  const { lanes, lines, rows, slices, quads, units, sums, shuffled, held } = tile;
  const constants = {
    ...{ LANES: lanes, LINES: lines, ROWS: rows, SLICES: slices, QUADS: quads, UNITS: units },
    ...{ SUMS: sums, PARTS: slices / shuffled, HELD: held },
  };
  return {
    enable: shuffled > 1 ? 'enable subgroups;\n' : '',
    source: [
      ...Object.entries(constants).map(([name, value]) => `const ${name} = ${value}u;`),
      '',
      '// Of each row of a thread.',
      'struct Sums {',
      ...sumNames(tile).map((name) => `  ${name}: vec4<f32>,`),
      '}',
      '',
      ...product(tile),
      '',
      ...(shuffled > 1 ? shuffledJoin(tile) : join(tile)),
      '',
    ].join('\n'),
  };
}

function product(tile: Tile): string[] {
  const { rows } = tile;
  const names = sumNames(tile);
  return [
    "// A thread's share of the products of its rows with its column of the weights.",
    'fn product(tile: Tile, s: Span, thread: Thread) -> Sums {',
    '  let stride = QUADS * columns();',
    '  let weights = weights_of(tile.wave) + min(tile.column + thread.lane, columns() - 1u);',
    ...range(rows).map((r) => `  let row${r} = operand_row(tile, thread.line * ROWS + ${r}u);`),
    ...names.map((name) => `  var ${name} = vec4<f32>();`),
    '  var k = s.first + thread.slice;',
    `  for (; k + ${(TURNS - 1) * tile.slices}u < s.last; k += ${TURNS * tile.slices}u) {`,
    ...turns(tile, TURNS),
    '  }',
    '  for (; k < s.last; k += SLICES) {',
    ...turns(tile, 1),
    '  }',
    `  return Sums(${names.join(', ')});`,
    '}',
  ];
}

/** Some turns of a thread at once, from quad k of the depth on. */
function turns({ rows, quads, slices }: Tile, count: number): string[] {
  const weight = (turn: number, q: number): string => `w${turn}${letter(q, quads)}`;
  const at = (turn: number): string => (turn === 0 ? 'k' : `(k + ${turn * slices}u)`);
  const load = (turn: number) =>
    range(quads).map((q) => {
      const column = q === 0 ? '' : ` + ${q === 1 ? '' : `${q}u * `}columns()`;
      return `let ${weight(turn, q)} = four_depths(weights + 4u * ${at(turn)} * stride${column}, stride);`;
    });
  const add = (turn: number, r: number) => {
    const x = `scratch[row${r} + at${turn}]`;
    if (quads === 1) return [`sum${r} = add(sum${r}, ${weight(turn, 0)}, ${x});`];
    const name = `x${turn}_${r}`;
    const sums = range(quads).map((q) => [`sum${r}${letter(q, quads)}`, weight(turn, q)]);
    return [
      `let ${name} = ${x};`,
      ...sums.map(([sum, w]) => `${sum} = add(${sum}, ${w}, ${name});`),
    ];
  };
  return [
    ...range(count).flatMap(load),
    ...range(count).flatMap((turn) => [
      `let at${turn} = operand(s, ${at(turn)});`,
      ...range(rows).flatMap((r) => add(turn, r)),
    ]),
  ].map((line) => `    ${line}`);
}

/** Through workgroup memory, as many rows at a time as it holds. */
function join({ rows, quads, held }: Tile): string[] {
  const rounds = range(Math.ceil(rows / held)).map((round) =>
    range(rows).slice(round * held, (round + 1) * held),
  );
  const store = (own: readonly number[]) =>
    own.flatMap((r, i) =>
      range(quads).map((q) => {
        const place = i * quads + q;
        return `parts[at${place ? ` + ${place}u * LANES` : ''}] = sums.sum${r}${letter(q, quads)};`;
      }),
    );
  return [
    "// Adds the slices' sums, and makes of them what the step makes.",
    'fn join(sums: Sums, tile: Tile, thread: Thread) {',
    '  let at = part_at(thread.slice, thread.line) + thread.lane;',
    ...(rounds.length === 1
      ? [...store(rounds[0]).map((line) => `  ${line}`), '  finish(tile, 0u, thread.local);']
      : [
          '  for (var first = 0u; first < ROWS; first += HELD) {',
          '    switch first {',
          ...rounds.flatMap((own, i) => [
            `      ${i + 1 < rounds.length ? `case ${own[0]}u:` : 'default:'} {`,
            ...store(own).map((line) => `        ${line}`),
            '      }',
          ]),
          '    }',
          '    finish(tile, first, thread.local);',
          '  }',
        ]),
    '}',
  ];
}

/**
 * By shuffles first: two threads that have the same sums, of different slices, take half of them each and add
 * what the other has; an odd number of them both add. That goes on until each sum is one of `shuffled` slices.
 */
function shuffledJoin(tile: Tile): string[] {
  const { lanes, lines, shuffled } = tile;
  const body: string[] = [];
  let values = sumNames(tile).map((name) => `sums.${name}`);
  const first: string[] = [];
  const idle: number[] = [];
  for (let bit = shuffled / 2; bit >= 1; bit /= 2) {
    const apart = bit * lanes * lines;
    const odd = values.length % 2 === 1;
    const half = odd ? values.length : values.length / 2;
    if (odd) idle.push(bit);
    else {
      body.push(`  let upper${bit} = (thread.slice & ${bit}u) != 0u;`);
      first.push(`select(0u, ${half}u, upper${bit})`);
    }
    const made = range(half).map((i) => `part${bit}_${i}`);
    body.push(
      ...made.map((name, i) =>
        odd
          ? `  let ${name} = ${values[i]} + subgroupShuffleXor(${values[i]}, ${apart}u);`
          : `  let ${name} = exchange(${values[i]}, ${values[half + i]}, upper${bit}, ${apart}u);`,
      ),
    );
    values = made;
  }
  const store = values.map((name, i) => `parts[at + ${i}u * LANES] = ${name};`);
  const alone = idle.map((bit) => `(thread.slice & ${bit}u) == 0u`).join(' && ');
  return [
    '// A half of what a thread and another one have: the first of both, or the second.',
    'fn exchange(low: vec4<f32>, high: vec4<f32>, upper: bool, apart: u32) -> vec4<f32> {',
    '  return select(low, high, upper) + subgroupShuffleXor(select(high, low, upper), apart);',
    '}',
    '',
    "// Adds the slices' sums, and makes of them what the step makes.",
    'fn join(sums: Sums, tile: Tile, thread: Thread) {',
    ...body,
    `  let first = ${first.join(' + ') || '0u'};`,
    `  let at = part_at(thread.slice / ${shuffled}u, thread.line) + first * LANES + thread.lane;`,
    ...(alone
      ? [`  if (${alone}) {`, ...store.map((line) => `    ${line}`), '  }']
      : store.map((line) => `  ${line}`)),
    '  finish(tile, 0u, thread.local);',
    '}',
  ];
}
