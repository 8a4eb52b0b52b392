// ring[counter] = value; the counter goes on, and around.
struct Params {
  capacity: u32,
}

@group(0) @binding(0) var<storage, read> value: array<f32>;
@group(0) @binding(1) var<storage, read_write> counter: array<u32>;
@group(0) @binding(2) var<storage, read_write> ring: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  ring[counter[0]] = value[0];
  counter[0] = (counter[0] + 1u) % params.capacity;
}
