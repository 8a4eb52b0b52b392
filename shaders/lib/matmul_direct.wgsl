// Every thread reads what it needs by itself: 8 x 8 threads, each of one block of the tile (TILE 32), or
// of two by two, half a tile apart (TILE 64).
//
// With a block of A transposed, `b * a` is a product of matrices: its column i is a row of the result.

// The blocks of a thread; all but its own where TILE is 64.
struct Sums {
  own: mat4x4<f32>,
  beside: mat4x4<f32>,
  below: mat4x4<f32>,
  across: mat4x4<f32>,
}

@compute @workgroup_size(8, 8)
fn direct(@builtin(workgroup_id) workgroup: vec3<u32>,
          @builtin(num_workgroups) workgroups: vec3<u32>,
          @builtin(local_invocation_id) thread: vec3<u32>) {
  let p = place(workgroup_index(workgroup, workgroups));
  let row = p.row + thread.y * 4u;
  let column = p.column + thread.x * 4u;
  if (is_spare(p) || row >= params.m || column >= params.n) { return; }
  let rows = lines_a(p, row);
  let rows_below = lines_a(p, row + 32u);
  let columns = lines_b(p, column);
  let columns_beside = lines_b(p, column + 32u);

  var sums = Sums();
  for (var k = p.from_k; k < p.to_k; k += 4u) {
    let depths = p.to_k - k;
    var a = block_a(rows, k);
    var b = block_b(columns, k);
    if (depths < 4u) {
      a = cut(a, depths);
      b = cut(b, depths);
    }
    sums.own += b * transpose(a);
    if (TILE == 64u) {
      var below = block_a(rows_below, k);
      var beside = block_b(columns_beside, k);
      if (depths < 4u) {
        below = cut(below, depths);
        beside = cut(beside, depths);
      }
      sums.beside += beside * transpose(a);
      sums.below += b * transpose(below);
      sums.across += beside * transpose(below);
    }
  }

  // A variable: WGSL indexes no value by a variable. A loop, because software adapters compile every copy.
  var all = array(sums.own, sums.beside, sums.below, sums.across);
  for (var i = 0u; i < select(4u, 16u, TILE == 64u); i++) {
    take(p, row + i / 8u * 32u + i % 4u, column + i / 4u % 2u * 32u, all[i / 4u][i % 4u]);
  }
}
