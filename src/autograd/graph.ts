import { ArgumentError } from '../errors';
import type { Tensor, GraphNode } from '../tensor/tensor';

/** Gradients by position; undefined stands for zero, or for "not asked for". */
export type Gradients = readonly (Tensor | undefined)[];

/**
 * A differentiable operation that was run. Ids grow, so a sweep in descending order meets every
 * node after all that use its outputs.
 */
export interface Node extends GraphNode {
  /** The operation, for messages. */
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Values that `vjp` reads; the node holds them until it is released. */
  readonly saved: readonly Tensor[];
  /**
   * The vector-Jacobian product: gradients of the outputs in, gradients of the inputs out. At
   * least one gradient is given; the others are undefined where nothing used that output.
   */
  readonly vjp: (gradients: Gradients) => Gradients;
  released: boolean;
}

export interface Recipe {
  name: string;
  inputs: readonly Tensor[];
  outputs: readonly Tensor[];
  /** Inputs and outputs that `vjp` reads. */
  saves?: readonly Tensor[];
  /** Tensors made for `vjp` alone; they pass to the node, or are freed when nothing is recorded. */
  extras?: readonly Tensor[];
  vjp: (gradients: Gradients) => Gradients;
}

let nextId = 0;
let paused = 0;

/** True when an operation on `inputs` is to be recorded. */
export function recording(inputs: readonly Tensor[]): boolean {
  return paused === 0 && inputs.some((input) => input.requiresGrad);
}

/** Puts an operation into the graph, if one of its inputs wants a gradient. */
export function record({ name, inputs, outputs, saves = [], extras = [], vjp }: Recipe): void {
  if (recording(inputs)) {
    const saved = [...saves, ...extras];
    for (const value of saved) value.retain();
    const node: Node = { id: nextId++, name, inputs, outputs, saved, vjp, released: false };
    for (const output of outputs) {
      output.node = node;
      output.requiresGrad = true;
    }
  }
  for (const extra of extras) extra.dispose();
}

/** Lets go of what a node saved. It cannot be differentiated again. */
export function release(node: Node): void {
  if (node.released) return;
  node.released = true;
  for (const value of node.saved) value.release();
}

/**
 * Runs `body` without recording: for evaluation, sampling and updates.
 *
 * @throws ArgumentError when `body` returns a promise.
 */
export function noGrad<T>(body: () => T): T {
  paused++;
  try {
    const result = body();
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new ArgumentError('noGrad: the body is async; wait outside of it');
    }
    return result;
  } finally {
    paused--;
  }
}

/**
 * The same values outside the graph: gradients stop here, and `backward` does not free it. This is
 * how a state is carried from one window to the next. The memory is shared, not copied.
 */
export function detach(x: Tensor): Tensor {
  return x.view(x.shape);
}
