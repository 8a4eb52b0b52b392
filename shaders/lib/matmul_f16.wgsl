enable f16;

// A product's blocks, and sums of few depths, in f16; what those add up to in f32. A is scaled, so
// that small gradients stay normal numbers, and the sum is scaled back.
override half: u32;

alias Block = mat4x4<f16>;
alias Quad = vec4<f16>;

fn operand_a(block: mat4x4<f32>) -> Block { return halves(block * params.scale); }

fn operand_b(block: mat4x4<f32>) -> Block { return halves(block); }

fn total(sum: mat4x4<f32>, part: Block) -> mat4x4<f32> {
  return (sum + mat4x4<f32>(part)) * (1.0 / params.scale);
}

fn halves(block: mat4x4<f32>) -> Block {
  return Block(nearest(block[0]), nearest(block[1]), nearest(block[2]), nearest(block[3]));
}

// At most the largest half: a conversion past it would be infinite.
fn nearest(x: vec4<f32>) -> Quad {
  return Quad(clamp(x, vec4<f32>(-65504.0), vec4<f32>(65504.0)));
}
