// Walks shapes of up to eight dimensions, given as two vectors.

// Where element `index` of a row-major tensor of `shape` stands under `strides`.
fn strided(index: u32, shape: array<vec4<u32>, 2>, strides: array<vec4<u32>, 2>) -> u32 {
  var rest = index;
  var offset = 0u;
  for (var i = 8u; i > 0u; i--) {
    let d = i - 1u;
    let size = shape[d / 4u][d % 4u];
    offset += (rest % size) * strides[d / 4u][d % 4u];
    rest /= size;
  }
  return offset;
}
