// The recurrent matrix, [gates hidden, hidden].
@group(0) @binding(0) var<storage, read> weight: array<f32>;

// Four weights of a row, from `column` on, a multiple of four. Where there are none, zeros: what is read then
// is left out, without a branch.
fn weight_quad(there: bool, row: u32, column: u32) -> vec4<f32> {
  let at = row * params.hidden + column;
  let quad = vec4<f32>(weight[at], weight[at + 1u], weight[at + 2u], weight[at + 3u]);
  let inside = vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.hidden);
  return select(vec4<f32>(), quad, inside & vec4<bool>(there));
}
