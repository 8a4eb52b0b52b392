// The workgroup's place in a row of workgroups that may have been folded to two dimensions.
fn workgroup_index(workgroup: vec3<u32>, workgroups: vec3<u32>) -> u32 {
  return workgroup.x + workgroup.y * workgroups.x;
}

// The thread's place, for shaders of 64 threads that give one thread to an element.
fn element_index(workgroup: vec3<u32>, workgroups: vec3<u32>, local: u32) -> u32 {
  return workgroup_index(workgroup, workgroups) * 64u + local;
}
