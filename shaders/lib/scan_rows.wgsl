// What the shaders of a scan have in common: its parameters, and where the rows of a step lie.
//
// The rows of a ragged batch lie packed, the longest sequence first: those of step t begin at table[t].
override ragged: u32;
override recurrent: u32;

struct Params {
  // From the last step to the first.
  reverse: u32,
  layers: u32,
  time: u32,
  batch: u32,
  // layers time batch, or fewer where the batch is ragged.
  rows: u32,
  hidden: u32,
  // The steps of each layer, of which this dispatch makes wave_begin to wave_end - 1 in the first.
  begin: u32,
  end: u32,
  wave_begin: u32,
  wave_end: u32,
  lag: u32,
  // Steps that `scratch` holds the operands of.
  ring: u32,
}

@group(0) @binding(8) var<uniform> params: Params;

// Of the n-th step that the scan makes.
fn time_of(n: u32) -> u32 {
  if (params.reverse == 1u) { return params.time - 1u - n; }
  return n;
}

fn count_of(t: u32) -> u32 {
  if (ragged == 0u) { return params.batch; }
  return u32(table[t + 1u] - table[t]);
}

fn first_row(layer: u32, t: u32) -> u32 {
  if (ragged == 1u) { return u32(table[t]); }
  return (layer * params.time + t) * params.batch;
}

// Where row r of the n-th step has its state before: behind all steps, where there was none.
fn previous_row(layer: u32, n: u32, r: u32) -> u32 {
  let initial = params.rows + layer * params.batch + r;
  if (n == 0u) { return initial; }
  let t = time_of(n - 1u);
  if (ragged == 1u && r >= count_of(t)) { return initial; }
  return first_row(layer, t) + r;
}

// Between two parts of the state.
fn state_stride() -> u32 {
  return (params.rows + params.layers * params.batch) * params.hidden;
}
