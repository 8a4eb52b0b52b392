// The sums of shaders/ctc.wgsl over the states before and behind one.

// log(exp(a) + exp(b) + exp(c)) of those that are there, one of them at least.
fn log_sum(a: f32, b: f32, c: f32, there: vec3<bool>) -> f32 {
  var top = LOWEST;
  if (there.x) { top = max(top, a); }
  if (there.y) { top = max(top, b); }
  if (there.z) { top = max(top, c); }
  var sum = 0.0;
  if (there.x) { sum += exp(a - top); }
  if (there.y) { sum += exp(b - top); }
  if (there.z) { sum += exp(c - top); }
  return top + log(sum);
}

// Of the states at frame t that lead to state s of the next. All that do have the end in reach.
fn lead(q: Sequence, s: i32, t: i32) -> f32 {
  let row = row_of(q.index, t, 0u);
  var terms = vec3<f32>();
  var there = vec3<bool>();
  there.x = earliest(q, s) <= t;
  if (there.x) { terms.x = scratch[row + u32(s)]; }
  if (s >= 1) {
    there.y = earliest(q, s - 1) <= t;
    if (there.y) { terms.y = scratch[row + u32(s - 1)]; }
  }
  if (skips(q, s)) {
    there.z = earliest(q, s - 2) <= t;
    if (there.z) { terms.z = scratch[row + u32(s - 2)]; }
  }
  return log_sum(terms.x, terms.y, terms.z, there);
}

// Of the states at frame t that follow state s of the one before. All that do can be reached.
fn follow(q: Sequence, s: i32, t: i32) -> f32 {
  let row = row_of(q.index, t, 1u);
  var terms = vec3<f32>();
  var there = vec3<bool>();
  there.x = t <= latest(q, s);
  if (there.x) { terms.x = scratch[row + u32(s)] + log_probability(q, s, t); }
  if (s + 1 <= 2 * q.length) {
    there.y = t <= latest(q, s + 1);
    if (there.y) { terms.y = scratch[row + u32(s + 1)] + log_probability(q, s + 1, t); }
  }
  if (s + 2 <= 2 * q.length && skips(q, s + 2)) {
    there.z = t <= latest(q, s + 2);
    if (there.z) { terms.z = scratch[row + u32(s + 2)] + log_probability(q, s + 2, t); }
  }
  return log_sum(terms.x, terms.y, terms.z, there);
}

// Of alpha at the last frame, over the states that may be the last.
fn finish(q: Sequence) -> f32 {
  let t = q.frames - 1;
  let last = 2 * q.length;
  let row = row_of(q.index, t, 0u);
  var terms = vec2<f32>();
  var there = vec3<bool>();
  there.x = earliest(q, last) <= t;
  if (there.x) { terms.x = scratch[row + u32(last)]; }
  if (last > 0) {
    there.y = true;
    terms.y = scratch[row + u32(last - 1)];
  }
  return log_sum(terms.x, terms.y, 0.0, there);
}
