// x[r, i] = 0 for all rows r from begins[at] on, x of [rows, width].
struct Params {
  rows: u32,
  width: u32,
  at: u32,
}

@group(0) @binding(0) var<storage, read> begins: array<i32>;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  if (index >= params.rows * params.width) { return; }
  if (index / params.width >= u32(begins[params.at])) { x[index] = 0.0; }
}
