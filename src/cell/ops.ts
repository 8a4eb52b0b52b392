/**
 * The instructions of a program, by their numbers, which the SIMD's interpreter shares
 * (src/backend/cpu/simd/assembly/scan.ts).
 */
export const OPS = {
  copy: 0,
  add: 1,
  sub: 2,
  mul: 3,
  div: 4,
  neg: 5,
  /** a b + c. */
  madd: 6,
  exp: 7,
  log: 8,
  sqrt: 9,
  abs: 10,
  sigmoid: 11,
  tanh: 12,
  relu: 13,
  max: 14,
  min: 15,
  sigmoidGrad: 16,
  tanhGrad: 17,
  reluGrad: 18,
  share: 19,
} as const;
