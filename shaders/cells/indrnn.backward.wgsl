// Made by `npm run build:cells` from src/nn/cells/registry.ts; to be read: the kernels make theirs from the same
// equations. What scan_backward.wgsl and scan_whole_backward.wgsl are joined with for the cell indrnn:
//
//   h' = relu(W_h x + b_h + weight_u * h)

const SLOTS = 1u;
const GATES = 1u;
const VECTORS = 1u;
const BIASES = 0u;

struct Slots { z_h: f32 }
struct State { s_h: f32 }
struct Vectors { v_weight_u: f32 }

const CARRIES_OUTPUT = true;

struct Gradient { z: Slots, s: State, v: Vectors }

fn load_kept(at: u32, stride: u32) -> Slots {
  return Slots(0.0);
}

fn store_slots(at: u32, dz: Slots) {
  let H = params.hidden;
  gates[at] = dz.z_h;
}

fn load_before(at: u32, stride: u32) -> State {
  return State(states[at]);
}

fn load_after(at: u32, stride: u32) -> State {
  return State(states[at]);
}

fn load_vectors(at: u32, stride: u32) -> Vectors {
  return Vectors(vectors[at + (BIASES + 0u) * stride]);
}

fn load_gradient(at: u32, stride: u32, all: bool) -> State {
  var d = State(0.0);
  if (all) { d.s_h = dstate[at]; }
  return d;
}

fn load_sums(at: u32, stride: u32) -> Vectors {
  return Vectors(dstate[at + stride]);
}

fn store_gradient(at: u32, stride: u32, g: Gradient, all: bool) {
  if (all) { dstate[at] = g.s.s_h; }
  dstate[at + stride] = g.v.v_weight_u;
}

fn cell_gradient(k: Slots, s: State, next: State, v: Vectors, dy: f32, d: State, sums: Vectors) -> Gradient {
  let t0 = select(0.0, d.s_h + dy, next.s_h > 0.0);
  return Gradient(
    Slots(t0),
    State(t0 * v.v_weight_u),
    Vectors(sums.v_weight_u + (t0 * s.s_h)),
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
  return vec4<f32>(0.0, 0.0, 0.0, 0.0);
}
