// Strided views of up to eight dimensions, given as two vectors, outermost first. (Vectors, because
// an array passed by value is copied to memory by every thread.)

// Where element `index` of a row-major tensor of `rank` dimensions stands under `strides`.
fn strided(index: u32, rank: u32, shape0: vec4<u32>, shape1: vec4<u32>,
           strides0: vec4<u32>, strides1: vec4<u32>) -> u32 {
  // A single run, the usual case, needs no division.
  if (rank <= 1u) { return index * strides0.x; }
  var rest = index;
  var offset = 0u;
  if (rank > 4u) { offset = take_four(&rest, shape1, strides1); }
  return offset + take_four(&rest, shape0, strides0);
}

fn take_four(rest: ptr<function, u32>, shape: vec4<u32>, strides: vec4<u32>) -> u32 {
  return take_one(rest, shape.w, strides.w) + take_one(rest, shape.z, strides.z)
       + take_one(rest, shape.y, strides.y) + take_one(rest, shape.x, strides.x);
}

fn take_one(rest: ptr<function, u32>, size: u32, stride: u32) -> u32 {
  let offset = (*rest % size) * stride;
  *rest /= size;
  return offset;
}
