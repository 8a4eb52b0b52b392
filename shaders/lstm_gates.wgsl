// i, f, g, o = the four parts of gx + gh, [batch, 4 hidden], through sigmoid, sigmoid, tanh,
// sigmoid; c' = f c + i g; h = o tanh(c'). The activated gates are kept for the gradient.
struct Params {
  batch: u32,
  hidden: u32,
}

@group(0) @binding(0) var<storage, read> gx: array<f32>;
@group(0) @binding(1) var<storage, read> gh: array<f32>;
@group(0) @binding(2) var<storage, read> c: array<f32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read_write> c_next: array<f32>;
@group(0) @binding(5) var<storage, read_write> h_next: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let H = params.hidden;
  if (index >= params.batch * H) { return; }
  let at = index / H * 4u * H + index % H;
  let i = sigmoid(gx[at] + gh[at]);
  let f = sigmoid(gx[at + H] + gh[at + H]);
  let g = stable_tanh(gx[at + 2u * H] + gh[at + 2u * H]);
  let o = sigmoid(gx[at + 3u * H] + gh[at + 3u * H]);
  let cell = f * c[index] + i * g;
  gates[at] = i;
  gates[at + H] = f;
  gates[at + 2u * H] = g;
  gates[at + 3u * H] = o;
  c_next[index] = cell;
  h_next[index] = o * stable_tanh(cell);
}
