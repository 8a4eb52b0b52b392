// r, z, n = the three parts of [batch, 3 hidden]: r = sigmoid(gx + gh), z = sigmoid(gx + gh),
// n = tanh(gx + r gh) (reset after the matmul); h' = (1 - z) n + z h. Kept for the gradient: r, z,
// n and the n part of gh, [batch, 4 hidden].
struct Params {
  batch: u32,
  hidden: u32,
}

@group(0) @binding(0) var<storage, read> gx: array<f32>;
@group(0) @binding(1) var<storage, read> gh: array<f32>;
@group(0) @binding(2) var<storage, read> h: array<f32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read_write> h_next: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let H = params.hidden;
  if (index >= params.batch * H) { return; }
  let at = index / H * 3u * H + index % H;
  let r = sigmoid(gx[at] + gh[at]);
  let z = sigmoid(gx[at + H] + gh[at + H]);
  let candidate = gh[at + 2u * H];
  let n = stable_tanh(gx[at + 2u * H] + r * candidate);
  let keep = index / H * 4u * H + index % H;
  gates[keep] = r;
  gates[keep + H] = z;
  gates[keep + 2u * H] = n;
  gates[keep + 3u * H] = candidate;
  h_next[index] = (1.0 - z) * n + z * h[index];
}
