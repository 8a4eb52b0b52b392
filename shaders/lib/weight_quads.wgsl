// The recurrent matrix, [gates hidden, hidden], where rows are a multiple of four long.
@group(0) @binding(0) var<storage, read> weight: array<vec4<f32>>;

// Four weights of a row, from `column` on, a multiple of four. Where there are none, zeros: what is read then
// is left out, without a branch.
fn weight_quad(there: bool, row: u32, column: u32) -> vec4<f32> {
  let quad = weight[(row * params.hidden + column) / 4u];
  return select(vec4<f32>(), quad, there && column < params.hidden);
}
