// The negative log-likelihood of tag sequences in a linear-chain CRF, and its gradient, by the
// forward-backward algorithm in logarithms: a workgroup a sequence, a thread for every 64th tag. For a
// sequence of tags y of length L > 0 with the emissions e and scores s of start, end and transitions,
//   loss = log(sum over all y' of exp(score(y'))) - score(y), weight 1,
//   score(y) = s_start(y_0) + sum of e_t(y_t) + sum of s(y_t-1, y_t) + s_end(y_L-1).
// demissions [time, batch, n] and dscores [batch, n + 2, n] are its gradients: marginal probabilities
// minus what y has. Without `gradients` they are not touched.
struct Params {
  time: u32,
  batch: u32,
  n: u32,
  gradients: u32,
}

@group(0) @binding(0) var<storage, read> emissions: array<f32>;
@group(0) @binding(1) var<storage, read> tags: array<i32>;
@group(0) @binding(2) var<storage, read> lengths: array<i32>;
// Rows: of the start, of the end, and of the transitions from each tag.
@group(0) @binding(3) var<storage, read> scores: array<f32>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
@group(0) @binding(5) var<storage, read_write> weight: array<f32>;
@group(0) @binding(6) var<storage, read_write> demissions: array<f32>;
@group(0) @binding(7) var<storage, read_write> dscores: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

const LOWEST = -0x1.fffffep+127f;

// Logarithms, but for a constant: of all that leads to each tag of a step, with its emission; of all that
// follows; and of all that follows the step before, by the tag that is next. The gradients of emissions
// hold the first ones in between.
var<workgroup> alpha: array<f32, MAX_TAGS>;
var<workgroup> beta: array<f32, MAX_TAGS>;
var<workgroup> following: array<f32, MAX_TAGS>;

// log(sum over i of exp(alpha[i] + s(i, j))).
fn lead(j: u32) -> f32 {
  let n = params.n;
  var top = LOWEST;
  for (var i = 0u; i < n; i++) { top = max(top, alpha[i] + scores[(i + 2u) * n + j]); }
  var total = 0.0;
  for (var i = 0u; i < n; i++) { total += exp(alpha[i] + scores[(i + 2u) * n + j] - top); }
  return top + log(total);
}

// log(sum over j of exp(s(i, j) + following[j])).
fn follow(i: u32) -> f32 {
  let n = params.n;
  let row = (i + 2u) * n;
  var top = LOWEST;
  for (var j = 0u; j < n; j++) { top = max(top, scores[row + j] + following[j]); }
  var total = 0.0;
  for (var j = 0u; j < n; j++) { total += exp(scores[row + j] + following[j] - top); }
  return top + log(total);
}

// The sequence's tag of a step; n, which is none, where it is outside of them.
fn tag_of(t: u32, sequence: u32) -> u32 {
  let tag = tags[t * params.batch + sequence];
  return select(params.n, u32(tag), tag >= 0 && u32(tag) < params.n);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let sequence = workgroup_index(workgroup, workgroups);
  if (sequence >= params.batch) { return; }
  let n = params.n;
  let length = u32(clamp(lengths[sequence], 0, i32(params.time)));
  let own = sequence * (n + 2u) * n;

  if (params.gradients == 1u) {
    for (var t = length; t < params.time; t++) {
      let at = (t * params.batch + sequence) * n;
      for (var j = local; j < n; j += 64u) { demissions[at + j] = 0.0; }
    }
    // A thread has the same columns in each row, here and below.
    for (var i = 0u; i < n + 2u; i++) {
      for (var j = local; j < n; j += 64u) { dscores[own + i * n + j] = 0.0; }
    }
  }
  if (length == 0u) {
    if (local == 0u) {
      loss[sequence] = 0.0;
      weight[sequence] = 0.0;
    }
    return;
  }

  var total = 0.0;
  for (var t = 0u; t < length; t++) {
    let at = (t * params.batch + sequence) * n;
    var top = LOWEST;
    for (var j = local; j < n; j += 64u) {
      var value = emissions[at + j];
      if (t == 0u) { value += scores[j]; } else { value += lead(j); }
      beta[j] = value;
      top = max(top, value);
    }
    top = row_max(local, top);
    for (var j = local; j < n; j += 64u) {
      let value = beta[j] - top;
      alpha[j] = value;
      if (params.gradients == 1u) { demissions[at + j] = value; }
    }
    workgroupBarrier();
    // The sequence's own score goes step by step, so that the sum stays small.
    total += top;
    let tag = tag_of(t, sequence);
    if (tag < n) {
      total -= emissions[at + tag];
      if (t == 0u) {
        total -= scores[tag];
      } else {
        let before = tag_of(t - 1u, sequence);
        if (before < n) { total -= scores[(before + 2u) * n + tag]; }
      }
    }
  }
  var top = LOWEST;
  for (var j = local; j < n; j += 64u) { top = max(top, alpha[j] + scores[n + j]); }
  top = row_max(local, top);
  var sum = 0.0;
  for (var j = local; j < n; j += 64u) { sum += exp(alpha[j] + scores[n + j] - top); }
  sum = row_sum(local, sum);
  if (local == 0u) {
    let last = tag_of(length - 1u, sequence);
    if (last < n) { total -= scores[n + last]; }
    loss[sequence] = total + top + log(sum);
    weight[sequence] = 1.0;
  }
  if (params.gradients == 0u) { return; }

  for (var t = length; t > 0u; t -= 1u) {
    let at = ((t - 1u) * params.batch + sequence) * n;
    let tag = tag_of(t - 1u, sequence);
    top = LOWEST;
    for (var j = local; j < n; j += 64u) {
      if (t == length) { beta[j] = scores[n + j]; } else { beta[j] = follow(j); }
      alpha[j] = demissions[at + j];
      top = max(top, alpha[j] + beta[j]);
    }
    top = row_max(local, top);
    sum = 0.0;
    for (var j = local; j < n; j += 64u) { sum += exp(alpha[j] + beta[j] - top); }
    let all = top + log(row_sum(local, sum));

    for (var j = local; j < n; j += 64u) {
      let gradient = exp(alpha[j] + beta[j] - all) - select(0.0, 1.0, j == tag);
      demissions[at + j] = gradient;
      if (t == 1u) { dscores[own + j] = gradient; }
      if (t == length) {
        dscores[own + n + j] = gradient;
      } else {
        let chosen = j == tag_of(t, sequence);
        for (var i = 0u; i < n; i++) {
          let place = (i + 2u) * n + j;
          let pair = exp(alpha[i] + scores[place] + following[j] - all);
          dscores[own + place] += pair - select(0.0, 1.0, chosen && i == tag);
        }
      }
      following[j] = emissions[at + j] + beta[j] - all;
    }
    workgroupBarrier();
  }
}
