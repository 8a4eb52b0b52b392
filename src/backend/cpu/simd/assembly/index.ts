// AssemblyScript. `npm run build:simd` compiles it into ../wasm.ts.
//
// Each function that is exported does part `part` of `parts` of a job, told by the fields at `args`.

export { gemm, gemm_dots, gemm_pack } from './gemm';
export { lstm, lstm_gradient } from './lstm';
export { gru, gru_gradient } from './gru';
export { rnn, rnn_gradient } from './rnn';
