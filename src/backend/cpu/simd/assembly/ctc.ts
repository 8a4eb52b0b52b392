import { exponentials, highest } from './losses';
import { exp, log, splat } from './math';
import { boundary, put, take } from './memory';

/**
 * What the sums of a frame must not fall below. What underflows, below 1e-167 of the largest, is then less
 * than 1e-27 of all paths.
 */
const LEAST: f64 = 1e-140;
/** The tilt grows beyond bounds as the labels come to fill the frames, which then tell the path. */
const LEAST_FRAMES_A_LABEL: f64 = 1.01;
/** How much likelier labels may be taken to be than blanks, or blanks than labels. */
const MOST_LIKELIER: f64 = 1e30;
/** The least probability that has all its bits. */
const TINY: f32 = 1.17549435e-38;
const LN2: f64 = 0.6931471805599453;

@unmanaged
class Batch {
  logits: usize;
  loss: usize;
  dlogits: usize;
  batch: usize;
  classes: usize;
  fromLogProbs: u32;
  gradients: u32;
  sequences: usize;
  count: usize;
  /** Memory for a sequence, `room` bytes each: for each of them, or for each thread, whichever are fewer. */
  memory: usize;
  room: usize;
  rooms: usize;
}

/** A sequence that has a path: CtcSequence of src/kernels/ctc_sequence.ts. */
@unmanaged
class Sequence {
  b: usize;
  frames: usize;
  /** How many states there are. */
  count: usize;
  states: usize;
  earliest: usize;
  latest: usize;
  weight: f32;
  /** 1 where loss and gradient were written. */
  done: u32;
}

/** The loss and gradient of src/kernels/ctc.ts: a share of the sequences each. */
export function ctc(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Batch>(args);
  const end = boundary(s.count, 1, part + 1, parts);
  for (let i = boundary(s.count, 1, part, parts); i < end; i++) {
    const q = changetype<Sequence>(s.sequences + i * offsetof<Sequence>());
    const place = s.rooms < s.count ? thread : i;
    q.done = <u32>sequence(s, q, s.memory + place * s.room);
  }
}

/** Of a number that is not subnormal: n, where it is from 2^n to 2^(n + 1). */
@inline
function exponentOf(x: f64): i64 {
  return ((reinterpret<i64>(x) >> 52) & 0x7ff) - 1023;
}

@inline
function power(n: i64): f64 {
  return reinterpret<f64>((n + 1023) << 52);
}

/** The probabilities of a frame, a multiple of them from log-probabilities; the logarithm of that factor. */
@inline
function softmax(from: usize, classes: usize, fromLogProbs: u32, to: usize): f64 {
  const top = highest(from, classes);
  const sum = exponentials(from, classes, top, to);
  if (fromLogProbs) return <f64>top;
  const share = splat(<f32>1 / sum);
  const whole = classes & ~3;
  for (let i: usize = 0; i < whole << 2; i += 16) {
    v128.store(to + i, f32x4.mul(v128.load(to + i), share));
  }
  const left = classes - whole;
  to += whole << 2;
  if (left) put(to, f32x4.mul(take(to, left), share), left);
  return 0;
}

/**
 * A factor for each step from a state to the next, which all whole paths have equally often. Without it most of alpha
 * would be far ahead of the paths that end in time, or behind them, and these would underflow. Of T frames, L labels
 * and R repeats, where labels are r times as likely as blanks, the sums over how long a path stays in a label and in
 * the blank before it are
 *
 *   tilt^2 r z / ((1 - r z) (1 - z)),     z^t for t frames.
 *
 * They are to be 1, and their mean of t is to be a = (T - R) / L, so that paths move on at an even pace:
 * 1 / (1 - r z) + z / (1 - z) = a, a quadratic equation.
 */
function tiltOf(s: Batch, q: Sequence, logits: usize, row: usize): f64 {
  const count = q.count;
  const labels = (count - 1) >> 1;
  if (labels === 0) return 1;
  let sum: f64 = 0;
  const blank = load<u32>(q.states) << 2;
  for (let t: usize = 0; t < q.frames; t++, logits += row) {
    let own: f32 = 0;
    const x = load<f32>(logits + blank);
    for (let i: usize = 1; i < count; i += 2) {
      own += load<f32>(logits + (load<u32>(q.states + (i << 2)) << 2)) - x;
    }
    sum += <f64>own;
  }
  const likelier = exp(splat(<f32>(sum / <f64>(labels * q.frames))));
  const r = max(min(<f64>f32x4.extract_lane(likelier, 0), MOST_LIKELIER), 1 / MOST_LIKELIER);
  const free = <f64>(q.frames + labels - load<u32>(q.earliest + ((count - 1) << 2)));
  const a = max(free / <f64>labels, LEAST_FRAMES_A_LABEL);
  const z = (2 * (a - 1)) / (a * (1 + r) + Math.sqrt(a * a * (1 - r) * (1 - r) + 4 * r));
  return <f64>(<f32>Math.sqrt(((1 - r * z) * (1 - z)) / (r * z)));
}

/**
 * Loss and gradient of a sequence by products instead of logarithms: alpha and beta are scaled at every
 * frame (Rabiner, 1989), in double precision, over the states that lie on a whole path alone, so that a
 * state costs no exponential. Scales are powers of two, whose exponents add up without rounding.
 *
 * Returns false where that underflows; loss and gradient are then to be written anew.
 */
function sequence(s: Batch, q: Sequence, room: usize): bool {
  const classes = s.classes;
  const frames = q.frames;
  const count = q.count;
  // Two states more at either end, which are always 0.
  const width = (count + 4) << 3;
  const alpha = room + 16;
  const sums = room + frames * width;
  const skip = sums + (frames << 3);
  let after = skip + width + 16;
  let beta = after + width;
  const occupied = beta + width;
  const probabilities = occupied + (classes << 3);
  const frame = classes << 2;
  const row = s.batch * frame;
  const logits = s.logits + q.b * frame;
  const dlogits = s.dlogits + q.b * frame;
  const tilt = tiltOf(s, q, logits, row);

  memory.fill(skip, 0, width);
  for (let i: usize = 3; i < count; i += 2) {
    const state = q.states + (i << 2);
    if (load<u32>(state) !== load<u32>(state - 8)) store<f64>(skip + (i << 3), tilt * tilt);
  }

  let factors: f64 = 0;
  let exponent: i64 = 0;
  let scale: f64 = 1;
  let low: usize = 0;
  let high: usize = 0;
  for (let t: usize = 0; t < frames; t++) {
    const y = probabilities + t * frame;
    factors += softmax(logits + t * row, classes, s.fromLogProbs, y);
    while (load<i32>(q.latest + (low << 2)) < <i32>t) low++;
    while (high + 1 < count && load<i32>(q.earliest + ((high + 1) << 2)) <= <i32>t) high++;
    const to = alpha + t * width;
    let sum: f64 = 0;
    let least: f32 = 1;
    for (let i = low; i <= high; i++) {
      const p = load<f32>(y + (load<u32>(q.states + (i << 2)) << 2));
      least = min(least, p);
      const from = to - width - 16 + (i << 3);
      const led =
        t > 0
          ? load<f64>(from, 16) + tilt * load<f64>(from, 8) + load<f64>(skip + (i << 3)) * load<f64>(from)
          : i > 0 ? tilt : 1;
      const value = led * scale * <f64>p;
      store<f64>(to + (i << 3), value);
      sum += value;
    }
    if (!(least >= TINY && sum > LEAST && sum < Infinity)) return false;
    store<f64>(sums + (t << 3), sum);
    const n = exponentOf(sum);
    scale = power(-n);
    exponent += n;
    // The next frame reads so far around.
    memory.fill(to + (low << 3) - 16, 0, 16);
    memory.fill(to + (high << 3) + 8, 0, 16);
  }

  scale = 1;
  for (let t = frames - 1; <isize>t >= 0; t--) {
    while (load<i32>(q.earliest + (high << 2)) > <i32>t) high--;
    while (low > 0 && load<i32>(q.latest + ((low - 1) << 2)) >= <i32>t) low--;
    const y = probabilities + t * frame;
    const from = alpha + t * width;
    memory.fill(occupied, 0, classes << 3);
    let sum: f64 = 0;
    let all: f64 = 0;
    for (let i = low; i <= high; i++) {
      const at = i << 3;
      const next = after + at;
      const led =
        (t < frames - 1
          ? load<f64>(next) + tilt * load<f64>(next, 8) + load<f64>(skip + at, 16) * load<f64>(next, 16)
          : i < count - 1 ? tilt : 1) * scale;
      sum += led;
      const both = load<f64>(from + at) * led;
      all += both;
      const c = load<u32>(q.states + (i << 2));
      const to = occupied + (c << 3);
      store<f64>(to, load<f64>(to) + both);
      store<f64>(beta + at, led * <f64>load<f32>(y + (c << 2)));
    }
    if (!(sum > LEAST && sum < Infinity && all > LEAST * sum * load<f64>(sums + (t << 3)))) return false;
    if (t === frames - 1) {
      // Behind the last frame nothing is scaled any more.
      const n = exponentOf(all);
      exponent += n - exponentOf(load<f64>(sums + (t << 3)));
      const steps = <f64>(count - 1) * log(<f32>tilt);
      const total = factors + <f64>exponent * LN2 + log(<f32>(all * power(-n))) - steps;
      const shown = s.fromLogProbs || total < 0 ? -total : 0;
      store<f32>(s.loss + (q.b << 2), <f32>(<f64>q.weight * shown));
    }
    scale = power(-exponentOf(sum));
    memory.fill(beta + (low << 3) - 16, 0, 16);
    memory.fill(beta + (high << 3) + 8, 0, 16);
    const swapped = after;
    after = beta;
    beta = swapped;
    if (!s.gradients) continue;
    const share = 1 / all;
    const to = dlogits + t * row;
    for (let c: usize = 0; c < classes; c++) {
      const probability = s.fromLogProbs ? 0 : <f64>load<f32>(y + (c << 2));
      const own = load<f64>(occupied + (c << 3)) * share;
      store<f32>(to + (c << 2), <f32>(<f64>q.weight * (probability - own)));
    }
  }
  return true;
}
