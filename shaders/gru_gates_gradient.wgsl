// From dh': dn = dh' (1 - z)(1 - n^2), dz = dh' (h - n) z (1 - z), dr = dn candidate r (1 - r);
// dgx = [dr, dz, dn], dgh = [dr, dz, r dn], dh = z dh'.
struct Params {
  batch: u32,
  hidden: u32,
}

@group(0) @binding(0) var<storage, read> gates: array<f32>;
@group(0) @binding(1) var<storage, read> h: array<f32>;
@group(0) @binding(2) var<storage, read> dh_next: array<f32>;
@group(0) @binding(3) var<storage, read_write> dgx: array<f32>;
@group(0) @binding(4) var<storage, read_write> dgh: array<f32>;
@group(0) @binding(5) var<storage, read_write> dh: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let H = params.hidden;
  if (index >= params.batch * H) { return; }
  let kept = index / H * 4u * H + index % H;
  let r = gates[kept];
  let z = gates[kept + H];
  let n = gates[kept + 2u * H];
  let candidate = gates[kept + 3u * H];
  let incoming = dh_next[index];
  let dn = incoming * (1.0 - z) * (1.0 - n * n);
  let dz = incoming * (h[index] - n) * z * (1.0 - z);
  let dr = dn * candidate * r * (1.0 - r);
  let at = index / H * 3u * H + index % H;
  dgx[at] = dr;
  dgx[at + H] = dz;
  dgx[at + 2u * H] = dn;
  dgh[at] = dr;
  dgh[at + H] = dz;
  dgh[at + 2u * H] = r * dn;
  dh[index] = z * incoming;
}
