import type { Batch, Batches } from '../data/batch';
import type { Module } from '../nn/module';
import type { Tensor } from '../tensor/tensor';

/** A batch on the device: i32 where the host's array is an Int32Array, else f32. */
export type BatchTensors<B extends Batch> = { readonly [Name in keyof B]: Tensor };

/** Figures by name, such as `loss` and `accuracy`. */
export type Metrics = Readonly<Record<string, number>>;

/** Where a step stands in a run. */
export interface Position {
  /** Steps done before it. */
  readonly step: number;
  /** Passes over the data before it. */
  readonly epoch: number;
  /** Of its batch within the epoch. */
  readonly index: number;
}

/** What is learnt: a model, its batches, the loss of a batch, and how well it does. */
export interface Task<B extends Batch = Batch> {
  /** What is trained. */
  readonly model: Module;
  /** What it is trained on, batch by batch. */
  readonly batches: Batches<B>;
  /**
   * The mean loss of a batch, a scalar. It is made of operations alone and reads nothing back: for
   * batches of the same shapes it runs once, is recorded, and replayed. What changes from step to step must
   * come in the batch, or lie in tensors that stay.
   */
  loss(batch: BatchTensors<B>): Tensor;
  /** On the host, before each step: such as a carried state that begins anew. */
  prepare?(batch: B, position: Position): void;
  /** The last part of a step, after the update, recorded with it: such as a state that is carried on. */
  finish?(): void;
  /** Figures on held-out data. Every part of the model is in evaluation meanwhile. */
  evaluate?(): Promise<Metrics>;
  /** False where there is too little held out for `evaluate`. */
  readonly canEvaluate?: boolean;
  /** Tensors beside the parameters that later steps depend on, by name; a checkpoint keeps them. */
  readonly carried?: ReadonlyMap<string, Tensor>;
}
