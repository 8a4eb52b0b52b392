// Draws an id for each row of logits, [rows, n]; lib/draw.wgsl tells how. One workgroup a row. The random
// number is Philox's at the place of the row's cursor, [rows, 4]; the cursor goes on.
struct Params {
  rows: u32,
  n: u32,
  capacity: u32,
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> settings: array<f32>;
@group(0) @binding(2) var<storage, read_write> cursor: array<u32>;
@group(0) @binding(3) var<storage, read_write> id: array<i32>;
@group(0) @binding(4) var<storage, read_write> drawn: array<i32>;
@group(0) @binding(5) var<storage, read_write> scratch: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

var<private> row: u32;

fn logit(i: u32) -> f32 { return logits[row * params.n + i]; }

fn weight(i: u32) -> f32 { return scratch[row * 2u * params.n + i]; }

fn set_weight(i: u32, value: f32) { scratch[row * 2u * params.n + i] = value; }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let own = workgroup_index(workgroup, workgroups);
  if (own >= params.rows) { return; }
  row = own;
  let at = 4u * row;
  let place = cursor[at + 2u];
  let block = philox(vec4<u32>(place, cursor[at + 3u], 0u, 0u), vec2<u32>(cursor[at], cursor[at + 1u]));
  let chosen = draw(local, params.n, to_uniform(block.x));
  if (local != 0u) { return; }
  id[row] = i32(chosen);
  drawn[row * params.capacity + place % params.capacity] = i32(chosen);
  cursor[at + 2u] = place + 1u;
}
