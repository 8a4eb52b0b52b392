// A vanilla network back through time. `dz` takes the gradients of what went into f. `dh` gives the
// gradient of the last state, and takes that of h0 when end = time + 1.
override nonlinearity: u32;

const DEPTH = 1u;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dh: array<f32>;
@group(0) @binding(4) var<storage, read_write> dz: array<f32>;
@group(0) @binding(5) var<storage, read_write> scratch: array<vec4<f32>>;

const DZ = 0u;

fn value_of(source: u32, at: u32) -> f32 { return dz[at]; }

fn through_recurrent(layer: u32, t: u32, rows: vec4<u32>, weights: u32, slice: u32) -> mat4x4<f32> {
  let H = params.hidden;
  return product(DZ, lines(layer, t, rows, H), H, weights, slice);
}

fn through_input(layer: u32, t: u32, rows: vec4<u32>, weights: u32, slice: u32) -> mat4x4<f32> {
  return through_recurrent(layer, t, rows, weights, slice);
}

fn step(layer: u32, s: u32, b: u32, column: u32, sum: vec4<f32>) {
  let H = params.hidden;
  for (var i = 0u; i < 4u && column * 4u + i < H; i++) {
    let j = column * 4u + i;
    let state = (layer * params.batch + b) * H + j;
    if (s == params.time) {
      dh[state] = sum[i];
      continue;
    }
    let t = params.time - 1u - s;
    let here = ((layer * params.time + t) * params.batch + b) * H + j;
    var dhidden = sum[i];
    if (layer + 1u == params.layers) { dhidden += dy[(t * params.batch + b) * H + j]; }
    if (s == 0u) { dhidden += dh[state]; }
    dz[here] = dhidden * slope(y[here]);
  }
}

// f' by f's own value.
fn slope(h: f32) -> f32 {
  if (nonlinearity == 1u) { return select(0.0, 1.0, h > 0.0); }
  if (nonlinearity == 2u) { return h * (1.0 - h); }
  return 1.0 - h * h;
}
