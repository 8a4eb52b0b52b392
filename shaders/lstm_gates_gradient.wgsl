// From dh and the dc' that arrives: dc' += dh o (1 - tanh(c')^2); the gates' pre-activation
// gradients, [batch, 4 hidden]; dc = dc' f.
struct Params {
  batch: u32,
  hidden: u32,
}

@group(0) @binding(0) var<storage, read> gates: array<f32>;
@group(0) @binding(1) var<storage, read> c: array<f32>;
@group(0) @binding(2) var<storage, read> c_next: array<f32>;
@group(0) @binding(3) var<storage, read> dh_next: array<f32>;
@group(0) @binding(4) var<storage, read> dc_next: array<f32>;
@group(0) @binding(5) var<storage, read_write> dgates: array<f32>;
@group(0) @binding(6) var<storage, read_write> dc: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let H = params.hidden;
  if (index >= params.batch * H) { return; }
  let at = index / H * 4u * H + index % H;
  let i = gates[at];
  let f = gates[at + H];
  let g = gates[at + 2u * H];
  let o = gates[at + 3u * H];
  let t = stable_tanh(c_next[index]);
  let dh = dh_next[index];
  let dcell = dc_next[index] + dh * o * (1.0 - t * t);
  dgates[at] = dcell * g * i * (1.0 - i);
  dgates[at + H] = dcell * c[index] * f * (1.0 - f);
  dgates[at + 2u * H] = dcell * i * (1.0 - g * g);
  dgates[at + 3u * H] = dh * t * o * (1.0 - o);
  dc[index] = dcell * f;
}
