// What the shaders of whole sequences have in common.
var<workgroup> shared_length: u32;

// The steps that row r has. Every thread must call it.
fn length_of(r: u32, local: u32) -> u32 {
  if (ragged == 0u) { return params.time; }
  if (local == 0u) {
    // Rows get fewer from step to step: the first step without row r.
    var low = 0u;
    var high = params.time;
    while (low < high) {
      let middle = (low + high) / 2u;
      if (count_of(middle) > r) { low = middle + 1u; } else { high = middle; }
    }
    shared_length = low;
  }
  return workgroupUniformLoad(&shared_length);
}
