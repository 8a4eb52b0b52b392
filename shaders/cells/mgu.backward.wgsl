// Made by `npm run build:cells` from src/nn/cells/registry.ts; to be read: the kernels make theirs from the same
// equations. What scan_backward.wgsl and scan_whole_backward.wgsl are joined with for the cell mgu:
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

const CARRIES_OUTPUT = true;

struct Gradient { z: Slots, s: State, v: Vectors }

fn load_kept(at: u32, stride: u32) -> Slots {
  return Slots(gates[at], gates[at + stride], gates[at + 2u * stride]);
}

fn store_slots(at: u32, dz: Slots) {
  let H = params.hidden;
  gates[at] = dz.z_z;
  gates[at + H] = dz.z_n;
  gates[at + 2u * H] = dz.z_hn;
}

fn load_before(at: u32, stride: u32) -> State {
  return State(states[at]);
}

fn load_after(at: u32, stride: u32) -> State {
  return State(0.0);
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
  let t1 = t0 * k.z_z;
  let t2 = t1 * (1.0 - k.z_n * k.z_n);
  let t3 = ((t0 * k.z_n) + (t2 * k.z_hn)) - (t0 * s.s_h);
  return Gradient(
    Slots(t3 * k.z_z * (1.0 - k.z_z), t2, t2 * k.z_z),
    State(t0 * (1.0 - k.z_z)),
    Vectors(0.0),
  );
}

// What scan_backward.wgsl needs besides.

fn in_order(z: Slots) -> vec4<f32> {
  return vec4<f32>(z.z_z, z.z_n, z.z_hn, 0.0);
}

fn recurrent_source(k: u32, width: u32) -> u32 {
  return k + select(0u, 1u, k >= 1u * width) * width;
}

// What scan_whole_backward.wgsl needs besides.

fn load_gradients(at: u32, stride: u32) -> Slots {
  return Slots(gates[at], gates[at + stride], gates[at + 2u * stride]);
}

fn by_gate(dz: Slots) -> vec4<f32> {
  return vec4<f32>(dz.z_z, dz.z_hn, 0.0, 0.0);
}
