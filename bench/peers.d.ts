/**
 * What the benchmark uses of the peers. Written here, because the peers are installed on demand and
 * the types must check without them.
 */
declare module '@jax-js/jax' {
  /** Passing an array to anything gives it away; `ref` keeps it. */
  export interface Array {
    readonly ref: Array;
    add(other: Array | number): Array;
    sub(other: Array | number): Array;
    mul(other: Array | number): Array;
    div(other: Array | number): Array;
    sum(): Array;
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  interface ArrayOptions {
    shape?: number[];
    dtype?: string;
  }
  interface DotDimensions {
    lhsContractingDims: number[];
    rhsContractingDims: number[];
  }
  export const numpy: {
    int32: string;
    array(values: Float32Array | Int32Array, options?: ArrayOptions): Array;
    zeros(shape: number[]): Array;
    matmul(a: Array, b: Array): Array;
    tanh(x: Array): Array;
    sqrt(x: Array): Array;
    square(x: Array): Array;
    reciprocal(x: Array): Array;
    minimum(a: Array, b: Array | number): Array;
    split(x: Array, sections: number, axis?: number): Array[];
    concatenate(xs: Array[], axis?: number): Array;
  };
  export const nn: {
    sigmoid(x: Array): Array;
    logSoftmax(x: Array, axis?: number): Array;
    oneHot(x: Array, classes: number): Array;
  };
  export const lax: {
    dot(a: Array, b: Array, dimensions: DotDimensions): Array;
  };
  export function init(...devices: string[]): Promise<string[]>;
  export function defaultDevice(device: string): string;
  export function jit<F>(f: F): F;
  export function valueAndGrad<P, R extends unknown[], A>(
    f: (parameters: P, ...rest: R) => [Array, A],
    options: { hasAux: true },
  ): (parameters: P, ...rest: R) => [[Array, A], P];
}

declare module '@tensorflow/tfjs' {
  export interface Tensor {
    add(other: Tensor | number): Tensor;
    sub(other: Tensor | number): Tensor;
    mul(other: Tensor | number): Tensor;
    div(other: Tensor | number): Tensor;
    square(): Tensor;
    sqrt(): Tensor;
    sum(): Tensor;
    sigmoid(): Tensor;
    tanh(): Tensor;
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  export type Variable = Tensor;
  export interface Optimizer {
    applyGradients(gradients: Record<string, Tensor>): void;
  }
  export const train: {
    adam(lr: number, beta1: number, beta2: number, epsilon: number): Optimizer;
  };
  export const losses: {
    softmaxCrossEntropy(labels: Tensor, logits: Tensor): Tensor;
  };
  export function setBackend(name: string): Promise<boolean>;
  export function ready(): Promise<void>;
  export function variable(value: Tensor, trainable: boolean, name: string): Variable;
  export function tensor(values: Float32Array, shape: number[]): Tensor;
  export function tensor1d(values: Int32Array, dtype: string): Tensor;
  export function scalar(value: number): Tensor;
  export function zeros(shape: number[]): Tensor;
  export function oneHot(ids: Tensor, depth: number): Tensor;
  export function matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  export function split(x: Tensor, sections: number, axis: number): Tensor[];
  export function concat(xs: Tensor[], axis: number): Tensor;
  export function minimum(a: Tensor, b: Tensor | number): Tensor;
  export function keep(x: Tensor): Tensor;
  export function tidy<T>(body: () => T): T;
  export function dispose(tensors: Tensor[]): void;
  export function variableGrads(f: () => Tensor): {
    value: Tensor;
    grads: Record<string, Tensor>;
  };
}

declare module '@tensorflow/tfjs-backend-webgpu' {}
