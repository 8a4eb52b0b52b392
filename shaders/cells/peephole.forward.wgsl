// Made by `npm run build:cells` from src/nn/cells/registry.ts; to be read: the kernels make theirs from the same
// equations. What scan_forward.wgsl and scan_whole_forward.wgsl are joined with for the cell peephole:
//
//   i = sigmoid(W_i x + U_i h + b_i + weight_ci * c)
//   f = sigmoid(W_f x + U_f h + b_f + weight_cf * c)
//   g = tanh(W_g x + U_g h + b_g)
//   o = sigmoid(W_o x + U_o h + b_o + weight_co * c')
//   c' = f * c + i * g
//   h' = o * tanh(c')

const SLOTS = 4u;
const GATES = 4u;
const VECTORS = 3u;
const BIASES = 0u;

struct Slots { z_i: f32, z_f: f32, z_g: f32, z_o: f32 }
struct State { s_h: f32, s_c: f32 }
struct Vectors { v_weight_ci: f32, v_weight_cf: f32, v_weight_co: f32 }

struct Step { kept: Slots, next: State }

fn load_slots(at: u32, v: u32, sum: vec4<f32>) -> Slots {
  let H = params.hidden;
  return Slots(
    gates[at] + sum[0],
    gates[at + H] + sum[1],
    gates[at + 2u * H] + sum[2],
    gates[at + 3u * H] + sum[3],
  );
}

fn store_slots(at: u32, kept: Slots) {
  let H = params.hidden;
  gates[at] = kept.z_i;
  gates[at + H] = kept.z_f;
  gates[at + 2u * H] = kept.z_g;
  gates[at + 3u * H] = kept.z_o;
}

fn load_state(at: u32, stride: u32) -> State {
  return State(0.0, states[at + stride]);
}

fn store_state(at: u32, stride: u32, next: State) {
  states[at] = next.s_h;
  states[at + stride] = next.s_c;
}

fn load_vectors(at: u32, stride: u32) -> Vectors {
  return Vectors(
    vectors[at + (BIASES + 0u) * stride],
    vectors[at + (BIASES + 1u) * stride],
    vectors[at + (BIASES + 2u) * stride],
  );
}

fn output_of(s: State) -> f32 {
  return s.s_h;
}

fn cell(z: Slots, s: State, v: Vectors) -> Step {
  let t0 = sigmoid(z.z_i + (v.v_weight_ci * s.s_c));
  let t1 = sigmoid(z.z_f + (v.v_weight_cf * s.s_c));
  let t2 = stable_tanh(z.z_g);
  let t3 = (t1 * s.s_c) + (t0 * t2);
  let t4 = sigmoid(z.z_o + (v.v_weight_co * t3));
  return Step(Slots(t0, t1, t2, t4), State(t4 * stable_tanh(t3), t3));
}

// What scan_forward.wgsl needs besides.

fn recurrent_gate(slot: u32) -> i32 {
  return vec4<i32>(0, 1, 2, 3)[slot];
}

fn recurrent_slot(i: u32) -> u32 {
  return vec4<u32>(0, 1, 2, 3)[i];
}

// What scan_whole_forward.wgsl needs besides.

fn add_products(z: Slots, sum: vec4<f32>) -> Slots {
  return Slots(z.z_i + sum[0], z.z_f + sum[1], z.z_g + sum[2], z.z_o + sum[3]);
}
