// A product's blocks, and sums of few depths, in f16; what those add up to in f32. A is scaled, so
// that small gradients stay normal numbers, and the sum is scaled back.
override half: u32;

alias Block = mat4x4<f16>;
alias Quad = vec4<f16>;

fn operand_a(block: mat4x4<f32>) -> Block { return operand_b(block * params.scale); }

fn operand_b(block: mat4x4<f32>) -> Block {
  return Block(
    nearest_halves(block[0]),
    nearest_halves(block[1]),
    nearest_halves(block[2]),
    nearest_halves(block[3]),
  );
}

fn total(sum: mat4x4<f32>, part: Block) -> mat4x4<f32> {
  return (sum + mat4x4<f32>(part)) * (1.0 / params.scale);
}
