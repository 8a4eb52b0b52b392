// A recurrent layer over time, all steps in one dispatch: for so few units that their recurrent matrix fits
// into the registers of one workgroup. `gates` and `states` are those of scan_forward.wgsl.
//
// A workgroup makes one row of the batch (and others after it, where there are more than a dispatch has
// workgroups) and needs no other's. It loads the matrix once; from step to step the state stays in
// registers too, and the output in workgroup memory.
//
// Thread (u, s) multiplies slice s of the output before, every SLICES-th of its groups of four, by the weights of
// all gates of unit u. Then thread (u, 0) adds the slices and makes the step of its unit. There are
// WIDTH units, all past params.hidden zeros.
//
// The shader that this is joined with has WIDTH, SLICES, GROUPS; Matrix, what a thread has of the matrix;
// load_matrix, and `product` with the output (src/kernels/webgpu/scan_whole.ts).
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<i32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read_write> states: array<f32>;

var<workgroup> outputs: array<f32, 4u * GROUPS * SLICES>;
var<workgroup> parts: array<vec4<f32>, WIDTH * SLICES>;

fn weights_of(u: u32, slice: u32, group: u32, gate: u32) -> vec4<f32> {
  let H = params.hidden;
  return weight_quad(u < H, gate * H + u, 4u * (group * SLICES + slice));
}

fn four_of(slice: u32, group: u32) -> vec4<f32> {
  let at = 4u * (group * SLICES + slice);
  return vec4<f32>(outputs[at], outputs[at + 1u], outputs[at + 2u], outputs[at + 3u]);
}

fn total(a: vec4<f32>) -> f32 { return (a.x + a.y) + (a.z + a.w); }

// Of each gate, from the sums over every fourth depth.
fn join(a: vec4<f32>, b: vec4<f32>, c: vec4<f32>, d: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(total(a), total(b), total(c), total(d));
}

// What the input gives to unit u of row r at the n-th step.
fn load_input(n: u32, r: u32, u: u32) -> Slots {
  let row = first_row(0u, time_of(n)) + r;
  return load_slots(row * SLOTS * params.hidden + u, u, vec4<f32>());
}

@compute @workgroup_size(WIDTH, SLICES)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32,
        @builtin(local_invocation_id) thread: vec3<u32>) {
  let H = params.hidden;
  let u = thread.x;
  let slice = thread.y;
  let makes = local < H;
  let matrix = load_matrix(u, slice);
  for (var i = local; i < 4u * GROUPS * SLICES; i += WIDTH * SLICES) { outputs[i] = 0.0; }
  workgroupBarrier();
  for (var r = workgroup.x; r < params.batch; r += workgroups.x) {
    let length = length_of(r, local);
    let first = select(0u, params.time - length, params.reverse == 1u);
    let begin = max(params.begin, first);
    let end = min(params.end, first + length);
    if (begin >= end) { continue; }
    let v = load_vectors(u, H);
    var state = State();
    var next = Slots();
    if (makes) {
      let before = previous_row(0u, begin, r) * H + u;
      outputs[u] = states[before];
      state = load_state(before, state_stride());
      next = load_input(begin, r, u);
    }
    workgroupBarrier();
    for (var n = begin; n < end; n++) {
      let input = next;
      // Asked for before the product, it is there when that is done.
      if (makes && n + 1u < end) { next = load_input(n + 1u, r, u); }
      let part = product(matrix, slice);
      if (slice > 0u) { parts[slice * WIDTH + u] = part; }
      workgroupBarrier();
      if (makes) {
        var sum = part;
        for (var i = 1u; i < SLICES; i++) { sum += parts[i * WIDTH + u]; }
        let row = first_row(0u, time_of(n)) + r;
        let made = cell(add_products(input, sum), state, v);
        store_slots(row * SLOTS * H + u, made.kept);
        store_state(row * H + u, state_stride(), made.next);
        state = made.next;
        outputs[u] = output_of(state);
      }
      workgroupBarrier();
    }
  }
}
