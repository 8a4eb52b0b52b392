// Made by `npm run build:cells` from src/nn/cells/registry.ts; to be read: the kernels make theirs from the same
// equations. What scan_forward.wgsl and scan_whole_forward.wgsl are joined with for the cell indrnn:
//
//   h' = relu(W_h x + b_h + weight_u * h)

const SLOTS = 1u;
const GATES = 1u;
const VECTORS = 1u;
const BIASES = 0u;

struct Slots { z_h: f32 }
struct State { s_h: f32 }
struct Vectors { v_weight_u: f32 }

struct Step { kept: Slots, next: State }

fn load_slots(at: u32, v: u32, sum: vec4<f32>) -> Slots {
  let H = params.hidden;
  return Slots(gates[at]);
}

fn store_slots(at: u32, kept: Slots) {
  let H = params.hidden;
}

fn load_state(at: u32, stride: u32) -> State {
  return State(states[at]);
}

fn store_state(at: u32, stride: u32, next: State) {
  states[at] = next.s_h;
}

fn load_vectors(at: u32, stride: u32) -> Vectors {
  return Vectors(vectors[at + (BIASES + 0u) * stride]);
}

fn output_of(s: State) -> f32 {
  return s.s_h;
}

fn cell(z: Slots, s: State, v: Vectors) -> Step {
  return Step(Slots(0.0), State(max(z.z_h + (v.v_weight_u * s.s_h), 0.0)));
}

// What scan_forward.wgsl needs besides.

fn recurrent_gate(slot: u32) -> i32 {
  return vec4<i32>(-1, -1, -1, -1)[slot];
}

fn recurrent_slot(i: u32) -> u32 {
  return vec4<u32>(0, 0, 0, 0)[i];
}

// What scan_whole_forward.wgsl needs besides.

fn add_products(z: Slots, sum: vec4<f32>) -> Slots {
  return Slots(z.z_h);
}
