// A tile by way of workgroup memory: slices of A and B, 16 deep, that all threads read. There are
// TILE / 8 by TILE / 8 threads, each of two by two blocks of the tile, half a tile apart.

const DEPTH = 16u;
// Blocks beside each other in a slice.
const ACROSS = TILE / 4u;
// Blocks in a slice.
const BLOCKS = ACROSS * DEPTH / 4u;
// Where B's slice begins.
const SLICE_B = ACROSS * DEPTH;

// Four lines at each depth: A's slice, depth by depth, then B's.
var<workgroup> slices: array<vec4<f32>, 2 * SLICE_B>;

// A block that a thread brings, of each slice.
struct Share {
  of_b: bool,
  // Where its lines begin.
  lines: vec4<u32>,
  // Its first depth.
  depth: u32,
  // Its first place in `slices`.
  to: u32,
}

fn share_of(p: Place, i: u32, of_b: bool) -> Share {
  // Neighbours bring what lies side by side in memory. Where that is the depth, they are four deep by
  // eight across: those across write to workgroup memory side by side.
  let by_depth = select(depth_a, depth_b, of_b) == 1u;
  let across = select(i % ACROSS, i % 8u + i / 32u * 8u, by_depth);
  let depth = select(i / ACROSS, i / 8u % 4u, by_depth) * 4u;
  var lines = lines_a(p, p.row + across * 4u);
  if (of_b) { lines = lines_b(p, p.column + across * 4u); }
  return Share(of_b, lines, depth, select(0u, SLICE_B, of_b) + depth * ACROSS + across);
}

// Reads a share of the slice that begins at depth `from_k`.
fn read_share(share: Share, from_k: u32, to_k: u32) -> mat4x4<f32> {
  let k = from_k + share.depth;
  var block = mat4x4<f32>();
  if (k < to_k) {
    if (share.of_b) { block = block_b(share.lines, k); } else { block = block_a(share.lines, k); }
    if (RAGGED_DEPTH && to_k - k < 4u) { block = cut(block, to_k - k); }
  }
  return block;
}

fn put_share(share: Share, block: mat4x4<f32>) {
  slices[share.to] = block[0];
  slices[share.to + ACROSS] = block[1];
  slices[share.to + 2u * ACROSS] = block[2];
  slices[share.to + 3u * ACROSS] = block[3];
}
