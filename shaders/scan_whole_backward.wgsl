// A recurrent layer back through time, all steps in one dispatch: for so few units that their recurrent matrix
// fits into the registers of one workgroup. `gates`, `dstate` and the count of steps are those of
// scan_backward.wgsl.
//
// A workgroup makes one row of the batch (and others after it, where there are more than a dispatch has
// workgroups) and needs no other's. It loads the matrix once; from step to step the state's gradient
// stays in registers too, and the gates' in workgroup memory.
//
// Thread (q, s) multiplies slice s of the gates' gradients, every (4 SLICES)-th of their groups of four, by
// the weights of the four units of quad q. Then the first threads, one for each unit, add the slices and
// make the step of their unit. There are WIDTH units, all past params.hidden zeros.
//
// The shader that this is joined with has WIDTH, SLICES, GROUPS; Matrix, what a thread has of the matrix;
// load_matrix, and `product` with the gradients (src/kernels/webgpu/scan_whole.ts).
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<i32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read> states: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read_write> dstate: array<f32>;

const QUADS = WIDTH / 4u;

// [gates, WIDTH], of the step after.
var<workgroup> gradients: array<f32, 16u * GROUPS * SLICES>;
var<workgroup> parts: array<vec4<f32>, WIDTH * SLICES>;

fn weights_of(quad: u32, slice: u32, group: u32, within: u32) -> vec4<f32> {
  let depth = 4u * (group * 4u * SLICES + slice) + within;
  let gate = depth / WIDTH;
  let unit = depth % WIDTH;
  let there = gate < GATES && unit < params.hidden;
  return weight_quad(there, gate * params.hidden + unit, 4u * quad);
}

fn four_of(slice: u32, group: u32) -> vec4<f32> {
  let at = 4u * (group * 4u * SLICES + slice);
  return vec4<f32>(gradients[at], gradients[at + 1u], gradients[at + 2u], gradients[at + 3u]);
}

// Of the four units, from the sums over every fourth depth.
fn join(a: vec4<f32>, b: vec4<f32>, c: vec4<f32>, d: vec4<f32>) -> vec4<f32> {
  return (a + b) + (c + d);
}

// What comes back to unit `local` through the recurrent weights. Every thread must call it.
fn through_weights(matrix: Matrix, local: u32) -> f32 {
  parts[local] = product(matrix, local / QUADS);
  workgroupBarrier();
  var sum = 0.0;
  if (local < WIDTH) {
    for (var i = 0u; i < 4u * SLICES; i++) { sum += parts[i * QUADS + local / 4u][local % 4u]; }
  }
  return sum;
}

fn keep(dz: Slots, u: u32) {
  let own = by_gate(dz);
  for (var gate = 0u; gate < GATES; gate++) { gradients[gate * WIDTH + u] = own[gate]; }
}

// Where row r of step s is.
fn row_of(s: u32, r: u32) -> u32 {
  return first_row(0u, time_of(params.time - 1u - s)) + r;
}

// What unit u needs at step s.
struct Needed { kept: Slots, before: State, after: State, dy: f32 }

fn load_needed(s: u32, r: u32, u: u32) -> Needed {
  let H = params.hidden;
  let row = row_of(s, r);
  let before = previous_row(0u, params.time - 1u - s, r);
  return Needed(
    load_kept(row * SLOTS * H + u, H),
    load_before(before * H + u, state_stride()),
    load_after(row * H + u, state_stride()),
    dy[row * H + u],
  );
}

@compute @workgroup_size(WIDTH, SLICES)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let H = params.hidden;
  let makes = local < H;
  let matrix = load_matrix(local % QUADS, local / QUADS);
  for (var i = local; i < 16u * GROUPS * SLICES; i += WIDTH * SLICES) { gradients[i] = 0.0; }
  workgroupBarrier();
  for (var r = workgroup.x; r < params.batch; r += workgroups.x) {
    let length = length_of(r, local);
    let first = select(params.time - length, 0u, params.reverse == 1u);
    // That step gives the state before all steps what came through the recurrent weights.
    let last = first + length;
    let begin = max(params.begin, first);
    let end = min(params.end, last + 1u);
    if (length == 0u || begin >= end) { continue; }
    let at = r * H + local;
    let stride = params.batch * H;
    let v = load_vectors(local, H);
    var gradient = Gradient();
    var next = Needed();
    if (makes) {
      gradient.s = load_gradient(at, stride, true);
      gradient.v = load_sums(at, stride);
      // Of a step that an earlier dispatch made.
      if (begin > first) { gradient.z = load_gradients(row_of(begin - 1u, r) * SLOTS * H + local, H); }
      keep(gradient.z, local);
      if (begin < last) { next = load_needed(begin, r, local); }
    }
    workgroupBarrier();
    var outer = 0.0;
    for (var s = begin; s < end; s++) {
      let now = next;
      // Asked for before the product, it is there when that is done.
      if (makes && s + 1u < min(end, last)) { next = load_needed(s + 1u, r, local); }
      outer = through_weights(matrix, local);
      if (makes && s < last) {
        gradient = cell_gradient(
          now.kept, now.before, now.after, v, outer + now.dy, gradient.s, gradient.v,
        );
        store_slots(row_of(s, r) * SLOTS * H + local, gradient.z);
        keep(gradient.z, local);
      }
      workgroupBarrier();
    }
    if (makes) {
      store_gradient(at, stride, gradient, true);
      if (end > last) { dstate[at] += outer; }
    }
  }
}
