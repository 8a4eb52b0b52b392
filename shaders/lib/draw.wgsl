// Draws an index from softmax(logits / temperature) of n, cut to the `top_k` likeliest and to the fewest
// that hold `top_p` of the probability; temperature 0 takes the likeliest. `settings` has the three. Every
// thread of a workgroup calls it and gets the index.
//
// The shader that this is joined with has `logit(i)`, and memory for 2 n weights: `weight(i)` and
// `set_weight(i, value)`. Logits may lie where weights go from n on.
//
// @param random from 0 to 1.

// Sums of weights that stay, each of so many in a row.
var<workgroup> draw_parts: array<f32, 64>;
var<workgroup> draw_chosen: u32;

fn draw(local: u32, n: u32, random: f32) -> u32 {
  let temperature = settings[0];
  let top_k = settings[1];
  let top_p = settings[2];
  // Threads past the first 64 have nothing of it.
  let first = select(n, local, local < 64u);
  var top = -3.0e38;
  for (var i = first; i < n; i += 64u) { top = max(top, logit(i)); }
  top = row_max(local, top);
  var sum = 0.0;
  for (var i = first; i < n; i += 64u) {
    let below = logit(i) - top;
    // In bounds: a tiny temperature must not make an infinity.
    let value = exp(max(below / max(temperature, 1e-30), -80.0));
    let kept = select(value, select(0.0, 1.0, below == 0.0), temperature == 0.0 || value < 2e-35);
    set_weight(i, kept);
    set_weight(n + i, kept);
    sum += kept;
  }
  if ((top_k > 0.0 && top_k < f32(n)) || top_p < 1.0) { cut_weights(local, n, sum); }
  storageBarrier();
  workgroupBarrier();

  // In parts, so that one thread goes through few of the weights: about as many parts as a part has.
  let size = max(u32(ceil(sqrt(f32(n)))), (n + 63u) / 64u);
  var part = 0.0;
  for (var i = min(first, n) * size; i < min((first + 1u) * size, n); i++) { part += weight(n + i); }
  if (local < 64u) { draw_parts[local] = part; }
  let all = row_sum(local, part);
  if (local == 0u) { draw_chosen = chosen_of(n, size, random * all); }
  return workgroupUniformLoad(&draw_chosen);
}

// The weights that stay, behind the first: those with fewer than top_k, and less than top_p of the
// whole, before them. Every thread calls it, with the sum of its own.
fn cut_weights(local: u32, n: u32, sum: f32) {
  let top_k = settings[1];
  let top_p = settings[2];
  // The sum has barriers: all weights are there behind it.
  let total = row_sum(local, sum);
  storageBarrier();
  for (var i = select(n, local, local < 64u); i < n; i += 64u) {
    let own = weight(i);
    var rank = 0.0;
    var mass = 0.0;
    for (var j = 0u; j < n; j++) {
      let other = weight(j);
      if (other > own || (other == own && j < i)) {
        rank += 1.0;
        mass += other;
      }
    }
    let stays = (top_k == 0.0 || rank < top_k) && (rank == 0.0 || mass < top_p * total);
    set_weight(n + i, select(0.0, own, stays));
  }
}

// Where the weights that stay have gone past `place`: the last that is not 0, where rounding keeps them below.
fn chosen_of(n: u32, size: u32, place: f32) -> u32 {
  var rest = place;
  var before = place;
  var part = 0u;
  for (var i = 0u; i * size < n; i++) {
    if (draw_parts[i] == 0.0) { continue; }
    part = i;
    before = rest;
    rest -= draw_parts[i];
    if (rest < 0.0) { break; }
  }
  rest = before;
  var chosen = 0u;
  for (var i = part * size; i < min((part + 1u) * size, n); i++) {
    let own = weight(n + i);
    if (own == 0.0) { continue; }
    chosen = i;
    rest -= own;
    if (rest < 0.0) { break; }
  }
  return chosen;
}
