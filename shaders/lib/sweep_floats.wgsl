// The weights of a sweep as they are.
override half: u32;

alias Quad = vec4<f32>;

fn packed(weights: vec4<f32>) -> Quad { return weights; }

fn unpacked(quad: Quad) -> vec4<f32> { return quad; }
