// Made by `npm run build:cells` from src/nn/cells/registry.ts; to be read: the kernels make theirs from the same
// equations. What scan_forward.wgsl and scan_whole_forward.wgsl are joined with for the cell mgu:
//
//   z = sigmoid(W_z x + U_z h + b_z)
//   n = tanh(W_n x + b_n + z * (U_n h + b_hn))
//   h' = (1 - z) * h + z * n

const SLOTS = 3u;
const GATES = 2u;
const VECTORS = 0u;
const BIASES = 2u;

struct Slots { z_z: f32, z_n: f32, z_hn: f32 }
struct State { s_h: f32 }
struct Vectors { none: f32 }

struct Step { kept: Slots, next: State }

fn load_slots(at: u32, v: u32, sum: vec4<f32>) -> Slots {
  let H = params.hidden;
  return Slots(
    gates[at] + sum[0] + vectors[v],
    gates[at + H] + sum[1],
    select(gates[at + 2u * H], sum[2], recurrent == 1u) + vectors[v + H],
  );
}

fn store_slots(at: u32, kept: Slots) {
  let H = params.hidden;
  gates[at] = kept.z_z;
  gates[at + H] = kept.z_n;
  gates[at + 2u * H] = kept.z_hn;
}

fn load_state(at: u32, stride: u32) -> State {
  return State(states[at]);
}

fn store_state(at: u32, stride: u32, next: State) {
  states[at] = next.s_h;
}

fn load_vectors(at: u32, stride: u32) -> Vectors {
  return Vectors(0.0);
}

fn output_of(s: State) -> f32 {
  return s.s_h;
}

fn cell(z: Slots, s: State, v: Vectors) -> Step {
  let t0 = sigmoid(z.z_z);
  let t1 = stable_tanh(z.z_n + (t0 * z.z_hn));
  return Step(Slots(t0, t1, z.z_hn), State(((1.0 - t0) * s.s_h) + (t0 * t1)));
}

// What scan_forward.wgsl needs besides.

fn recurrent_gate(slot: u32) -> i32 {
  return vec4<i32>(0, -1, 1, -1)[slot];
}

fn recurrent_slot(i: u32) -> u32 {
  return vec4<u32>(0, 2, 0, 0)[i];
}

// What scan_whole_forward.wgsl needs besides.

fn add_products(z: Slots, sum: vec4<f32>) -> Slots {
  return Slots(z.z_z + sum[0], z.z_n, z.z_hn + sum[1]);
}
