// Where shaders/ctc.wgsl keeps what it knows of a sequence, and which of its states lie on a whole path.

// Of a sequence: where its labels begin, its frames (-1: no path), labels, repeats.
const OFFSET = 0u;
const FRAMES = 1u;
const LENGTH = 2u;
const REPEATS = 3u;
// Where a slice goes on: of alpha the last maximum, and the sum of the maxima in two parts; of beta the first.
const ALPHA_SHIFT = 4u;
const TOTAL = 5u;
const REST = 6u;
const BETA_SHIFT = 7u;
// 1 where a frame that counts holds NaN or infinity.
const BROKEN = 8u;

struct Sequence {
  index: u32,
  facts: u32,
  offset: u32,
  frames: i32,
  length: i32,
  repeats: i32,
}

// Labels of a sequence that has a path, at most.
fn most() -> u32 {
  return min(params.longest, params.time);
}

fn facts_of(sequence: u32) -> u32 {
  return params.time * params.batch + sequence * (FACTS + 3u * most());
}

fn sequence_of(index: u32) -> Sequence {
  let facts = facts_of(index);
  return Sequence(
    index,
    facts,
    u32(scratch[facts + OFFSET]),
    i32(scratch[facts + FRAMES]),
    i32(scratch[facts + LENGTH]),
    i32(scratch[facts + REPEATS]),
  );
}

// Where alpha (direction 0) or beta (1) of a frame is.
fn row_of(sequence: u32, t: i32, direction: u32) -> u32 {
  let width = 2u * most() + 1u;
  let rows = select(2u, params.time, params.gradients == 1u);
  let at = (direction * params.batch + sequence) * rows + u32(t) % rows;
  return facts_of(params.batch) + at * width;
}

// Repeats among the labels up to j.
fn repeats_to(q: Sequence, j: i32) -> i32 {
  return i32(scratch[q.facts + FACTS + u32(j)]);
}

// The first frame that can be in state s.
fn earliest(q: Sequence, s: i32) -> i32 {
  let j = s / 2;
  if (s % 2 == 1) { return j + repeats_to(q, j); }
  if (j == 0) { return 0; }
  return j + repeats_to(q, j - 1);
}

// The last frame at which state s has the end in reach.
fn latest(q: Sequence, s: i32) -> i32 {
  let j = s / 2;
  if (j == q.length) { return q.frames - 1; }
  let following = q.length - (s + 1) / 2 + q.repeats - repeats_to(q, j);
  return q.frames - 1 - following;
}

fn counts(q: Sequence, s: i32, t: i32) -> bool {
  return earliest(q, s) <= t && t <= latest(q, s);
}

// Whether state s follows s - 2.
fn skips(q: Sequence, s: i32) -> bool {
  if (s % 2 == 0 || s < 3) { return false; }
  let j = s / 2;
  return repeats_to(q, j) == repeats_to(q, j - 1);
}

// The logarithm of the probability of a state's class.
fn log_probability(q: Sequence, s: i32, t: i32) -> f32 {
  let line = u32(t) * params.batch + q.index;
  var class_ = params.blank;
  if (s % 2 == 1) { class_ = u32(targets[q.offset + u32(s / 2)]); }
  return logits[line * params.classes + class_] - scratch[line];
}

fn weight_of(q: Sequence) -> f32 {
  if (params.divide == 0u) { return params.scale; }
  return params.scale / f32(max(q.length, 1));
}
