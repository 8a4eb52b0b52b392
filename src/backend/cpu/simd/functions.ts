// Made by scripts/build-simd.mjs from assembly/; do not edit.

/** What the modules export, in their order. */
export const FUNCTIONS = [
  'gemm',
  'gemm_dots',
  'gemm_pack',
  'scan_backward',
  'scan_forward',
  'scan_forward_units',
  'adam',
  'axpy',
  'binary',
  'scale',
  'unary',
  'gather',
  'scatter_add',
  'square_sum',
  'sum_rows',
  'ctc',
  'cross_entropy',
  'cross_entropy_gradient',
  'softmax_loss',
  'product_doubles',
  'copy_rows',
  'dropout',
  'fill',
] as const;
