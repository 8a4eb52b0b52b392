import { ArgumentError, GraphError } from '../errors';
import type { GraphNode } from '../tensor/graph_node';
import { formatShape } from '../tensor/shape';
import { checkTensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';

/** Gradients by position; undefined stands for zero, or for "not asked for". */
export type Gradients = readonly (Tensor | undefined)[];

/**
 * A differentiable operation that was run. Ids grow, so going through them in descending order meets every
 * node after all that use its outputs.
 *
 * It holds what it saved until `backward` is done with it, or until no `backward` can reach it any
 * more: every output has lost its owner, and every node that used them is released.
 */
export class Node implements GraphNode {
  readonly id = nextId++;
  /** The operation, for messages. */
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /**
   * The vector-Jacobian product: gradients of the outputs in, gradients of the inputs out. At
   * least one gradient is given; the others are undefined where nothing used that output. What was
   * saved may be overwritten, unless `retainGraph` says that the graph will be used again.
   */
  readonly vjp: (gradients: Gradients, retainGraph: boolean) => Gradients;
  /** The same of a gradient of 1, which a scalar has that `backward` begins with; see `Recipe`. */
  readonly vjpOfOne: ((retainGraph: boolean) => Gradients) | undefined;
  readonly #saved: readonly Tensor[];
  readonly #versions: readonly number[];
  /** What can still lead a `backward` here: owned outputs and unreleased users. */
  #users: number;
  #released = false;

  constructor(recipe: Recipe) {
    const { name, inputs, outputs, savedForBackward = [], intermediates = [], vjp } = recipe;
    this.name = name;
    // Copies: a caller may go on using its lists.
    this.inputs = [...inputs];
    this.outputs = [...outputs];
    this.vjp = vjp;
    this.vjpOfOne = recipe.vjpOfOne;
    this.#saved = [...savedForBackward, ...intermediates];
    this.#versions = this.#saved.map((value) => value.version);
    this.#users = outputs.length;
    for (const value of this.#saved) value.retain();
    for (const input of inputs) {
      if (input.node) (input.node as Node).#users++;
    }
  }

  get released(): boolean {
    return this.#released;
  }

  /** @throws GraphError when a saved value was changed in place since. */
  checkSaved(): void {
    this.#saved.forEach((value, i) => {
      if (value.version === this.#versions[i]) return;
      throw new GraphError(
        `backward: a tensor of shape ${formatShape(value.shape)} that ${this.name} saved was ` +
          'changed in place since; run backward before write(), step() and the like',
      );
    });
  }

  drop(): void {
    if (--this.#users === 0) this.release();
  }

  /** Lets go of what was saved, here and in every node that only this one could lead to. */
  release(): void {
    const pending: Node[] = [this];
    for (let node = pending.pop(); node; node = pending.pop()) {
      if (node.#released) continue;
      node.#released = true;
      for (const value of node.#saved) value.release();
      for (const input of node.inputs) {
        const source = input.node as Node | undefined;
        if (source && --source.#users === 0) pending.push(source);
      }
    }
  }
}

export interface Recipe {
  name: string;
  inputs: readonly Tensor[];
  outputs: readonly Tensor[];
  /** Inputs and outputs that `vjp` reads. */
  savedForBackward?: readonly Tensor[];
  /** Tensors made for `vjp` alone; they pass to the node, or are freed when nothing is recorded. */
  intermediates?: readonly Tensor[];
  vjp: (gradients: Gradients, retainGraph: boolean) => Gradients;
  /** For an operation with one scalar output, where a gradient of 1 takes less work. */
  vjpOfOne?: (retainGraph: boolean) => Gradients;
}

let nextId = 0;
let paused = 0;
let watcher: ((node: Node) => void) | undefined;

/** True when an operation on `inputs` is to be recorded. */
export function recording(inputs: readonly Tensor[]): boolean {
  return paused === 0 && inputs.some((input) => input.requiresGrad);
}

/** Puts an operation into the graph, if one of its inputs wants a gradient. */
export function record(recipe: Recipe): void {
  // To a node without outputs (`unbind` of no slices) no backward leads: nothing would ever release it.
  if (recipe.outputs.length > 0 && recording(recipe.inputs)) {
    const node = new Node(recipe);
    for (const output of recipe.outputs) {
      output.node = node;
      output.requiresGrad = true;
    }
    watcher?.(node);
  }
  for (const value of recipe.intermediates ?? []) value.dispose();
}

/**
 * Runs `body` without recording: for evaluation, sampling and updates.
 *
 * @throws ArgumentError when `body` returns a promise.
 * @example
 * ```ts
 * import { mul, noGrad, ones, openDevice } from 'lethe';
 *
 * const x = ones(await openDevice('cpu'), [3], { requiresGrad: true });
 * const y = noGrad(() => mul(x, x));
 * console.log(y.requiresGrad); // false
 * ```
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
 * Runs `body`, and hands `watch` every node that it records, while its inputs and outputs are all
 * there: a scope may free those that the gradient does not need. @internal
 */
export function watching<T>(watch: (node: Node) => void, body: () => T): T {
  const outer = watcher;
  watcher = watch;
  try {
    return body();
  } finally {
    watcher = outer;
  }
}

/**
 * The same values outside the graph: gradients stop here, and `backward` does not free it. This is
 * how a state is carried from one window to the next. The memory is shared, not copied.
 *
 * @example
 * ```ts
 * import { detach, ones, openDevice } from 'lethe';
 * import { GRU } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const [, h] = new GRU(device, 8, 16).forward(ones(device, [5, 3, 8]));
 * const carried = detach(h); // into the next window, whose gradient stops here
 * console.log(h.requiresGrad, carried.requiresGrad); // true false
 * ```
 */
export function detach(x: Tensor): Tensor {
  checkTensor('detach', 'x', x);
  return x.view(x.shape);
}
