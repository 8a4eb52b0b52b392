// Made by `npm run build:cells` from src/nn/cells/registry.ts; to be read: the kernels make theirs from the same
// equations. What scan_backward.wgsl and scan_whole_backward.wgsl are joined with for the cell nig:
//
//   f = sigmoid(W_f x + U_f h + b_f + weight_cf * c)
//   g = tanh(W_g x + U_g h + b_g)
//   o = sigmoid(W_o x + U_o h + b_o + weight_co * c')
//   c' = f * c + g
//   h' = o * tanh(c')

const SLOTS = 3u;
const GATES = 3u;
const VECTORS = 2u;
const BIASES = 0u;

struct Slots { z_f: f32, z_g: f32, z_o: f32 }
struct State { s_h: f32, s_c: f32 }
struct Vectors { v_weight_cf: f32, v_weight_co: f32 }

const CARRIES_OUTPUT = false;

struct Gradient { z: Slots, s: State, v: Vectors }

fn load_kept(at: u32, stride: u32) -> Slots {
  return Slots(gates[at], gates[at + stride], gates[at + 2u * stride]);
}

fn store_slots(at: u32, dz: Slots) {
  let H = params.hidden;
  gates[at] = dz.z_f;
  gates[at + H] = dz.z_g;
  gates[at + 2u * H] = dz.z_o;
}

fn load_before(at: u32, stride: u32) -> State {
  return State(0.0, states[at + stride]);
}

fn load_after(at: u32, stride: u32) -> State {
  return State(0.0, states[at + stride]);
}

fn load_vectors(at: u32, stride: u32) -> Vectors {
  return Vectors(vectors[at + (BIASES + 0u) * stride], vectors[at + (BIASES + 1u) * stride]);
}

fn load_gradient(at: u32, stride: u32, all: bool) -> State {
  var d = State(0.0, dstate[at + stride]);
  if (all) { d.s_h = dstate[at]; }
  return d;
}

fn load_sums(at: u32, stride: u32) -> Vectors {
  return Vectors(dstate[at + 2u * stride], dstate[at + 3u * stride]);
}

fn store_gradient(at: u32, stride: u32, g: Gradient, all: bool) {
  if (all) { dstate[at] = g.s.s_h; }
  dstate[at + stride] = g.s.s_c;
  dstate[at + 2u * stride] = g.v.v_weight_cf;
  dstate[at + 3u * stride] = g.v.v_weight_co;
}

fn cell_gradient(k: Slots, s: State, next: State, v: Vectors, dy: f32, d: State, sums: Vectors) -> Gradient {
  let t0 = d.s_h + dy;
  let t1 = t0 * k.z_o;
  let t2 = stable_tanh(next.s_c);
  let t3 = t0 * t2;
  let t4 = t3 * k.z_o * (1.0 - k.z_o);
  let t5 = (d.s_c + (t1 * (1.0 - t2 * t2))) + (t4 * v.v_weight_co);
  let t6 = t5 * s.s_c;
  let t7 = t6 * k.z_f * (1.0 - k.z_f);
  return Gradient(
    Slots(t7, t5 * (1.0 - k.z_g * k.z_g), t4),
    State(0.0, (t5 * k.z_f) + (t7 * v.v_weight_cf)),
    Vectors(sums.v_weight_cf + (t7 * s.s_c), sums.v_weight_co + (t4 * next.s_c)),
  );
}

// What scan_backward.wgsl needs besides.

fn in_order(z: Slots) -> vec4<f32> {
  return vec4<f32>(z.z_f, z.z_g, z.z_o, 0.0);
}

fn recurrent_source(k: u32, width: u32) -> u32 {
  return k;
}

// What scan_whole_backward.wgsl needs besides.

fn load_gradients(at: u32, stride: u32) -> Slots {
  return Slots(gates[at], gates[at + stride], gates[at + 2u * stride]);
}

fn by_gate(dz: Slots) -> vec4<f32> {
  return vec4<f32>(dz.z_f, dz.z_g, dz.z_o, 0.0);
}
