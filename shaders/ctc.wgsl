// The connectionist temporal classification loss and its gradient (Graves et al., 2006), in logarithms.
// A sequence with labels l_0 ... l_L-1 has the states blank, l_0, blank, l_1, ..., blank: state s of class
// c(s). y = softmax(logits), or exp(logits) from log-probabilities; T its frames.
//   alpha_t(s) = log(sum of alpha_t-1 over s, s - 1 and, if l skips the blank, s - 2) + log y_t(c(s))
//   beta_t(s) = log(sum of beta_t+1 + log y_t+1 over s, s + 1 and, if l skips the blank, s + 2)
//   loss = -(log of the sum of alpha_T-1 over the last two states)
//   gradient_t(c) = y_t(c) - sum over c(s) = c of exp(alpha_t(s) + beta_t(s) + loss)
// So alpha has the probability of its own frame, and beta has not. A state is looked at only at frames from
// which both ends are in reach, which integers tell; so there is a finite number wherever one is read.
// Alpha and beta are kept near 0: each row is less the maximum of the one before it.
//
// prepare: a workgroup for each row of logits, and one for each sequence. sweep: a workgroup for each
// sequence and direction, a thread for every 64th state, SLICE frames from `first` on. gradient: a workgroup
// for each row; positions of one label are linked in a list, which one thread adds up in its order.
struct Params {
  time: u32,
  batch: u32,
  classes: u32,
  labels: u32,
  longest: u32,
  concatenated: u32,
  blank: u32,
  gradients: u32,
  from_log_probs: u32,
  divide: u32,
  scale: f32,
  infeasible: f32,
  first: u32,
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<i32>;
@group(0) @binding(2) var<storage, read> input_lengths: array<i32>;
@group(0) @binding(3) var<storage, read> target_lengths: array<i32>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
@group(0) @binding(5) var<storage, read_write> dlogits: array<f32>;
// Log totals of softmax [time, batch]; of each sequence, FACTS and three numbers for each label; alpha and
// beta [batch, rows, states], where rows are all frames with a gradient, else two of alpha alone.
@group(0) @binding(6) var<storage, read_write> scratch: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

const LOWEST = -0x1.fffffep+127f;
// The log total of a row that holds NaN or infinity, by which its sequence is told from others.
const BROKEN_ROW = LOWEST;
// More than any sum of exponentials.
const BROKEN_SUM = 1e30;
// In memory, as no constant may be NaN.
var<private> nan_bits: u32 = 0x7fc00000u;
var<workgroup> shared_frames: i32;

fn is_broken(x: f32) -> bool {
  // -Infinity is a probability of 0.
  return !is_finite(x) && bitcast<u32>(x) != 0xff800000u;
}

@compute @workgroup_size(64)
fn prepare(@builtin(workgroup_id) workgroup: vec3<u32>,
           @builtin(num_workgroups) workgroups: vec3<u32>,
           @builtin(local_invocation_index) local: u32) {
  let lines = params.time * params.batch;
  let index = workgroup_index(workgroup, workgroups);
  if (index >= lines) {
    if (index < lines + params.batch) { prepare_sequence(index - lines, local); }
    return;
  }
  if (i32(index / params.batch) >= input_lengths[index % params.batch]) { return; }
  let at = index * params.classes;
  var broken = false;
  var top = LOWEST;
  for (var c = local; c < params.classes; c += 64u) {
    broken = broken || is_broken(logits[at + c]);
    top = max(top, logits[at + c]);
  }
  top = row_max(local, top);
  var sum = 0.0;
  for (var c = local; c < params.classes; c += 64u) { sum += exp(logits[at + c] - top); }
  if (broken) { sum = BROKEN_SUM; }
  sum = row_sum(local, sum);
  if (local != 0u) { return; }
  scratch[index] = select(top + log(sum), 0.0, params.from_log_probs == 1u);
  if (sum >= BROKEN_SUM) { scratch[index] = BROKEN_ROW; }
}

fn prepare_sequence(sequence: u32, local: u32) {
  var offset = sequence * params.labels;
  var room = params.labels;
  if (params.concatenated == 1u) {
    offset = 0u;
    for (var k = 0u; k < sequence; k++) { offset += u32(max(target_lengths[k], 0)); }
    room = params.labels - min(offset, params.labels);
  }
  let length = u32(clamp(target_lengths[sequence], 0, i32(room)));
  let frames = u32(clamp(input_lengths[sequence], 0, i32(params.time)));
  let facts = facts_of(sequence);
  // There is scratch for `longest` labels: more of them would write into the next sequence's.
  var path = length <= min(frames, params.longest);
  var repeats = 0u;
  if (path) {
    for (var j = 0u; j < length; j++) {
      let label = targets[offset + j];
      path = path && label >= 0 && u32(label) < params.classes && u32(label) != params.blank;
      if (j > 0u && label == targets[offset + j - 1u]) { repeats++; }
      if (j % 64u == local) { scratch[facts + FACTS + j] = f32(repeats); }
    }
    path = path && length + repeats <= frames;
  }
  if (local == 0u) {
    scratch[facts + OFFSET] = f32(offset);
    scratch[facts + FRAMES] = select(-1.0, f32(frames), path);
    scratch[facts + LENGTH] = f32(length);
    scratch[facts + REPEATS] = f32(repeats);
    scratch[facts + BROKEN] = 0.0;
  }
  if (!path || params.gradients == 0u) { return; }

  // Of each position, whether its label is there for the first time; and where it is next, if anywhere.
  let firsts = facts + FACTS + most();
  for (var j = local; j < length; j += 64u) {
    let label = targets[offset + j];
    var before = 0u;
    while (targets[offset + before] != label) { before++; }
    var next = j + 1u;
    while (next < length && targets[offset + next] != label) { next++; }
    scratch[firsts + j] = select(0.0, 1.0, before == j);
    scratch[firsts + most() + j] = f32(next);
  }
}

@compute @workgroup_size(64)
fn sweep(@builtin(workgroup_id) workgroup: vec3<u32>,
         @builtin(num_workgroups) workgroups: vec3<u32>,
         @builtin(local_invocation_index) local: u32) {
  let directions = 1u + params.gradients;
  let index = workgroup_index(workgroup, workgroups);
  if (index >= params.batch * directions) { return; }
  let q = sequence_of(index / directions);
  let direction = index % directions;
  if (local == 0u) { shared_frames = q.frames; }
  let frames = workgroupUniformLoad(&shared_frames);
  if (frames <= 0) {
    if (local == 0u && direction == 0u && params.first == 0u) {
      loss[q.index] = 0.0;
      if (frames < 0) { loss[q.index] = weight_of(q) * params.infeasible; }
    }
    return;
  }
  let states = 2 * q.length + 1;
  let start = i32(params.first);
  let end = min(start + i32(SLICE), frames);
  if (start >= end) { return; }

  var shift = 0.0;
  var total = 0.0;
  var rest = 0.0;
  if (start > 0) {
    shift = scratch[q.facts + select(ALPHA_SHIFT, BETA_SHIFT, direction == 1u)];
    total = scratch[q.facts + TOTAL];
    rest = scratch[q.facts + REST];
  }
  var broken = false;
  for (var step = start; step < end; step++) {
    let t = select(step, frames - 1 - step, direction == 1u);
    broken = broken || scratch[u32(t) * params.batch + q.index] == BROKEN_ROW;
    let row = row_of(q.index, t, direction);
    var top = LOWEST;
    for (var s = i32(local); s < states; s += 64) {
      if (!counts(q, s, t)) { continue; }
      var value = 0.0;
      if (direction == 0u) {
        if (step > 0) { value = lead(q, s, t - 1) - shift; }
        value += log_probability(q, s, t);
      } else if (step > 0) {
        value = follow(q, s, t + 1) - shift;
      }
      scratch[row + u32(s)] = value;
      top = max(top, value);
    }
    // In two parts, so that a long sum loses little.
    rest += shift;
    if (step % 64 == 63) {
      total += rest;
      rest = 0.0;
    }
    storageBarrier();
    shift = row_max(local, top);
  }
  if (local != 0u) { return; }
  if (direction == 1u) {
    scratch[q.facts + BETA_SHIFT] = shift;
    return;
  }
  scratch[q.facts + ALPHA_SHIFT] = shift;
  scratch[q.facts + TOTAL] = total;
  scratch[q.facts + REST] = rest;
  if (broken) { scratch[q.facts + BROKEN] = 1.0; }
  if (end < frames) { return; }
  let all = total + rest + finish(q);
  loss[q.index] = weight_of(q) * select(-all, 0.0, all > 0.0 && params.from_log_probs == 0u);
  if (scratch[q.facts + BROKEN] == 1.0) { loss[q.index] = bitcast<f32>(nan_bits); }
}

@compute @workgroup_size(64)
fn gradient(@builtin(workgroup_id) workgroup: vec3<u32>,
            @builtin(num_workgroups) workgroups: vec3<u32>,
            @builtin(local_invocation_index) local: u32) {
  let index = workgroup_index(workgroup, workgroups);
  if (index >= params.time * params.batch) { return; }
  let q = sequence_of(index % params.batch);
  let t = i32(index / params.batch);
  let at = index * params.classes;
  if (local == 0u) { shared_frames = select(q.frames, 0, scratch[q.facts + BROKEN] == 1.0); }
  let frames = workgroupUniformLoad(&shared_frames);
  if (t >= frames) {
    var nothing = 0.0;
    if (t < q.frames) { nothing = bitcast<f32>(nan_bits); }
    for (var c = local; c < params.classes; c += 64u) { dlogits[at + c] = nothing; }
    return;
  }
  let states = 2 * q.length + 1;
  let alpha = row_of(q.index, t, 0u);
  let beta = row_of(q.index, t, 1u);
  var top = LOWEST;
  for (var s = i32(local); s < states; s += 64) {
    if (counts(q, s, t)) { top = max(top, scratch[alpha + u32(s)] + scratch[beta + u32(s)]); }
  }
  top = row_max(local, top);
  // The probabilities of the states, but for a factor, take the place of alpha.
  var sum = 0.0;
  var blanks = 0.0;
  for (var s = i32(local); s < states; s += 64) {
    var value = 0.0;
    if (counts(q, s, t)) { value = exp(scratch[alpha + u32(s)] + scratch[beta + u32(s)] - top); }
    scratch[alpha + u32(s)] = value;
    sum += value;
    if (s % 2 == 0) { blanks += value; }
  }
  sum = row_sum(local, sum);
  blanks = row_sum(local, blanks);
  let weight = weight_of(q);
  for (var c = local; c < params.classes; c += 64u) {
    var probability = 0.0;
    if (params.from_log_probs == 0u) { probability = exp(logits[at + c] - scratch[index]); }
    dlogits[at + c] = weight * probability;
  }
  storageBarrier();
  let share = weight / sum;
  if (local == 0u) { dlogits[at + params.blank] -= share * blanks; }
  let firsts = q.facts + FACTS + most();
  for (var j = local; j < u32(q.length); j += 64u) {
    if (scratch[firsts + j] == 0.0) { continue; }
    var occupied = 0.0;
    for (var k = j; k < u32(q.length); k = u32(scratch[firsts + most() + k])) {
      occupied += scratch[alpha + 2u * k + 1u];
    }
    dlogits[at + u32(targets[q.offset + j])] -= share * occupied;
  }
}
