// AssemblyScript. `npm run build:simd` compiles it into ../wasm.ts.
//
// Each function that is exported does part `part` of `parts` of a job, told by the fields at `args`.
// A thread may do several parts, and has scratch memory. What comes out depends on neither.

export { gemm, gemm_dots, gemm_pack } from './gemm';
export { scan_backward, scan_forward } from './scan';
export { scan_forward_units } from './scan_units';
export { adam, axpy, binary, scale, unary } from './pointwise';
export { gather, scatter_add, square_sum, sum_rows } from './rows';
export { ctc } from './ctc';
export { cross_entropy, cross_entropy_gradient, softmax_loss } from './losses';
export { product_doubles } from './doubles';
export { copy_rows, dropout, fill } from './moves';
