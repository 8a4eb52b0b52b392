// out[o, i] = sum or maximum over r of x[o, r, i], x of [outer, n, inner].
//
// What all configurations share. Joined with this is lib/reduce_short.wgsl, or lib/reduce_columns.wgsl
// with the library by which that reads.
override op: u32;

const SUM = 0u;
const MAX = 1u;
const LOWEST = -0x1.fffffep+127f;

struct Params {
  outer: u32,
  n: u32,
  inner: u32,
  scale: f32,
}

@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

fn combine(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  if (op == MAX) { return max(a, b); }
  return a + b;
}

// What changes nothing that it is combined with.
fn nothing() -> vec4<f32> {
  return vec4<f32>(select(0.0, LOWEST, op == MAX));
}
