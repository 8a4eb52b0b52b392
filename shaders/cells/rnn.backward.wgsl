// Made by `npm run build:cells` from src/nn/cells/registry.ts; to be read: the kernels make theirs from the same
// equations. What scan_backward.wgsl and scan_whole_backward.wgsl are joined with for the cell rnn:
//
//   h' = tanh(W_h x + U_h h + b_h)

const SLOTS = 1u;
const GATES = 1u;
const VECTORS = 0u;
const BIASES = 0u;

struct Slots { z_h: f32 }
struct State { s_h: f32 }
struct Vectors { none: f32 }

const CARRIES_OUTPUT = false;

struct Gradient { z: Slots, s: State, v: Vectors }

fn load_kept(at: u32, stride: u32) -> Slots {
  return Slots(0.0);
}

fn store_slots(at: u32, dz: Slots) {
  let H = params.hidden;
  gates[at] = dz.z_h;
}

fn load_before(at: u32, stride: u32) -> State {
  return State(0.0);
}

fn load_after(at: u32, stride: u32) -> State {
  return State(states[at]);
}

fn load_vectors(at: u32, stride: u32) -> Vectors {
  return Vectors(0.0);
}

fn load_gradient(at: u32, stride: u32, all: bool) -> State {
  var d = State(0.0);
  if (all) { d.s_h = dstate[at]; }
  return d;
}

fn load_sums(at: u32, stride: u32) -> Vectors {
  return Vectors(0.0);
}

fn store_gradient(at: u32, stride: u32, g: Gradient, all: bool) {
  if (all) { dstate[at] = g.s.s_h; }
}

fn cell_gradient(k: Slots, s: State, next: State, v: Vectors, dy: f32, d: State, sums: Vectors) -> Gradient {
  let t0 = d.s_h + dy;
  return Gradient(
    Slots(t0 * (1.0 - next.s_h * next.s_h)),
    State(0.0),
    Vectors(0.0),
  );
}

// What scan_backward.wgsl needs besides.

fn in_order(z: Slots) -> vec4<f32> {
  return vec4<f32>(z.z_h, 0.0, 0.0, 0.0);
}

fn recurrent_source(k: u32, width: u32) -> u32 {
  return k;
}

// What scan_whole_backward.wgsl needs besides.

fn load_gradients(at: u32, stride: u32) -> Slots {
  return Slots(gates[at]);
}

fn by_gate(dz: Slots) -> vec4<f32> {
  return vec4<f32>(dz.z_h, 0.0, 0.0, 0.0);
}
