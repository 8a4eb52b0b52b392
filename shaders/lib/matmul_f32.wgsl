// A product's blocks and sums in f32.
override half: u32;

alias Block = mat4x4<f32>;
alias Quad = vec4<f32>;

fn operand_a(block: mat4x4<f32>) -> Block { return block; }

fn operand_b(block: mat4x4<f32>) -> Block { return block; }

fn total(sum: mat4x4<f32>, part: Block) -> mat4x4<f32> { return part; }
