// Draws an id from softmax(logits / temperature), [n] from `offset` on, cut to the `top_k` likeliest
// and to the fewest that hold `top_p` of the probability; temperature 0 takes the likeliest. One
// workgroup. The random number is Philox's at the cursor's place; the cursor goes on.
struct Params {
  n: u32,
  offset: u32,
  capacity: u32,
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> settings: array<f32>;
@group(0) @binding(2) var<storage, read_write> cursor: array<u32>;
@group(0) @binding(3) var<storage, read_write> id: array<i32>;
@group(0) @binding(4) var<storage, read_write> drawn: array<i32>;
@group(0) @binding(5) var<storage, read_write> scratch: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
  let n = params.n;
  let temperature = settings[0];
  let top_k = settings[1];
  let top_p = settings[2];
  var top = -3.0e38;
  for (var i = local; i < n; i += 64u) { top = max(top, logits[params.offset + i]); }
  top = row_max(local, top);
  var sum = 0.0;
  for (var i = local; i < n; i += 64u) {
    let below = logits[params.offset + i] - top;
    // In bounds: a tiny temperature must not make an infinity.
    let weight = exp(max(below / max(temperature, 1e-30), -80.0));
    scratch[i] = select(weight, select(0.0, 1.0, below == 0.0), temperature == 0.0 || weight < 2e-35);
    sum += scratch[i];
  }
  let total = row_sum(local, sum);
  storageBarrier();

  // The weights that stay, behind the first: those with fewer than top_k, and less than top_p of the
  // whole, before them.
  for (var i = local; i < n; i += 64u) {
    var rank = 0.0;
    var mass = 0.0;
    if ((top_k > 0.0 && top_k < f32(n)) || top_p < 1.0) {
      for (var j = 0u; j < n; j++) {
        if (scratch[j] > scratch[i] || (scratch[j] == scratch[i] && j < i)) {
          rank += 1.0;
          mass += scratch[j];
        }
      }
    }
    let stays = (top_k == 0.0 || rank < top_k) && (rank == 0.0 || mass < top_p * total);
    scratch[n + i] = select(0.0, scratch[i], stays);
  }
  storageBarrier();
  workgroupBarrier();
  if (local != 0u) { return; }

  var rest = 0.0;
  for (var i = 0u; i < n; i++) { rest += scratch[n + i]; }
  let block = philox(vec4<u32>(cursor[2], cursor[3], 0u, 0u), vec2<u32>(cursor[0], cursor[1]));
  rest *= to_uniform(block.x);
  var chosen = 0u;
  for (var i = 0u; i < n; i++) {
    if (scratch[n + i] == 0.0) { continue; }
    chosen = i;
    rest -= scratch[n + i];
    if (rest < 0.0) { break; }
  }
  id[0] = i32(chosen);
  drawn[cursor[2] % params.capacity] = i32(chosen);
  cursor[2] += 1u;
}
