import { DeviceError, DTypeError, GraphError, ShapeError } from '../errors';
import { axpy } from '../kernels/axpy';
import { copy, copyOf } from '../kernels/copy';
import { fill } from '../kernels/fill';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import { disown, scope } from '../tensor/scope';
import { formatShape, sameShape } from '../tensor/shape';
import { checkTensor, empty } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { noGrad } from './graph';
import type { Node } from './graph';

/** What `backward` takes. */
export interface BackwardOptions {
  /** Gradient of the final value with respect to `root`, of its shape. A scalar needs none: 1. */
  gradient?: Tensor;
  /** Keep the graph, to go backward through it again. */
  retainGraph?: boolean;
  /**
   * Is handed the outputs of every operation on the way with their gradients, complete; a read of
   * one is to be asked for at once, as it is freed or overwritten when this returns. @internal
   */
  observe?: (value: Tensor, gradient: Tensor) => void;
}

const BACKWARD_OPTIONS: OptionNames<BackwardOptions> = {
  gradient: true,
  retainGraph: 'boolean',
  observe: true,
};

/**
 * Differentiates `root` with respect to every leaf that requires a gradient, and adds the results
 * to their `grad`. Then the graph frees what it owns: every value between the leaves and the root.
 *
 * Iterative, so the depth of the graph (an unrolled sequence) is bounded by memory alone.
 *
 * @throws GraphError when nothing was recorded, when the graph was used up by an earlier
 *   `backward`, when a value that it saved was changed in place since, or when `root` is no scalar and no `gradient` is given.
 * @throws ShapeError, DTypeError or DeviceError when `gradient` does not go with `root`.
 * @example
 * ```ts
 * import { backward, mul, openDevice, sum, tensor } from 'lethe';
 *
 * const device = await openDevice('cpu');
 * const x = tensor(device, [1, 2, 3], [3], { requiresGrad: true });
 * backward(sum(mul(x, x)));
 * console.log(await x.grad?.data()); // Float32Array(3) [ 2, 4, 6 ]
 * ```
 */
export function backward(root: Tensor, options: BackwardOptions = {}): void {
  checkTensor('backward', 'root', root);
  checkOptions('backward', options, BACKWARD_OPTIONS);
  const { gradient, retainGraph = false, observe } = options;
  if (gradient !== undefined) checkTensor('backward', 'gradient', gradient);
  void root.buffer;
  if (!root.requiresGrad) {
    throw new GraphError(
      'backward: no operation that led to this tensor was recorded; an input needs ' +
        'requiresGrad, and noGrad() and detach() cut the graph',
    );
  }
  if (gradient && !sameShape(gradient.shape, root.shape)) {
    throw new ShapeError(
      `backward: gradient has shape ${formatShape(gradient.shape)}, root ${formatShape(root.shape)}`,
    );
  }
  if (gradient && gradient.device !== root.device) {
    throw new DeviceError('backward: gradient lives on another device than root');
  }
  if (gradient && gradient.dtype !== root.dtype) {
    throw new DTypeError(`backward: gradient is ${gradient.dtype}, root ${root.dtype}`);
  }
  if (!gradient && root.size !== 1) {
    throw new GraphError(
      `backward: the root has shape ${formatShape(root.shape)}; reduce it to a scalar, ` +
        'or give a gradient of its shape',
    );
  }
  const nodes = reachable(root);
  for (const node of nodes) node.checkSaved();
  // Should a vector-Jacobian product throw, the scope frees the gradients under way.
  noGrad(() => scope(() => propagate(root, nodes, gradient, retainGraph, observe)));
  if (retainGraph) return;
  for (const node of nodes) {
    node.release();
    for (const output of node.outputs) {
      if (output !== root) output.dispose();
    }
  }
}

/** All nodes behind `root`, latest first. */
function reachable(root: Tensor): Node[] {
  const seen = new Set<Node>();
  const pending: Tensor[] = [root];
  for (let value = pending.pop(); value; value = pending.pop()) {
    const node = value.node as Node | undefined;
    if (!node || seen.has(node)) continue;
    if (node.released) {
      throw new GraphError(
        `backward: the graph was freed by an earlier backward (at ${node.name}); ` +
          'run the forward pass again, or pass retainGraph the first time',
      );
    }
    seen.add(node);
    for (const input of node.inputs) pending.push(input);
  }
  return [...seen].sort((a, b) => b.id - a.id);
}

function propagate(
  root: Tensor,
  nodes: readonly Node[],
  gradient: Tensor | undefined,
  retainGraph: boolean,
  observe: BackwardOptions['observe'],
): void {
  const pending = new Map<Tensor, Tensor>();
  const give = (target: Tensor, value: Tensor): void => {
    if (target.node) pending.set(target, accumulate(pending.get(target), value));
    else if (!target.owned) value.dispose();
    else {
      // A gradient is changed in place (clipping), so a leaf shares it with nobody.
      const sum = accumulate(target.grad, value);
      target.grad = sum.unshared ? sum : ownCopy(sum);
      disown(target.grad);
    }
  };
  const last = root.node as Node | undefined;
  // An observer is to see every gradient.
  const implicit = !gradient && !observe ? last?.vjpOfOne : undefined;
  if (!implicit) give(root, gradient ? gradient.view(gradient.shape) : onesLike(root));
  for (const node of nodes) {
    const shortcut = node === last ? implicit : undefined;
    const incoming = node.outputs.map((output) => pending.get(output));
    for (const output of node.outputs) pending.delete(output);
    if (!shortcut && incoming.every((value) => value === undefined)) continue;
    incoming.forEach((value, i) => value && observe?.(node.outputs[i], value));
    const outgoing = scope(() =>
      (shortcut ? shortcut(retainGraph) : node.vjp(incoming, retainGraph)).map(
        (value) => value && value.view(value.shape),
      ),
    );
    for (const value of incoming) value?.dispose();
    node.inputs.forEach((input, i) => {
      const value = outgoing[i];
      if (!value) return;
      if (input.requiresGrad) give(input, value);
      else value.dispose();
    });
  }
}

/** The sum; takes over both. Adds in place where nobody else sees the memory. */
function accumulate(sum: Tensor | undefined, value: Tensor): Tensor {
  if (!sum) return value;
  const { device } = value;
  const n = value.size;
  if (!sum.unshared) {
    [sum, value] = [value, sum];
    if (!sum.unshared) sum = ownCopy(sum);
  }
  device.run(axpy, { x: value.buffer, y: sum.buffer }, { n, alpha: 1 });
  value.dispose();
  return sum;
}

/** The same values in memory of their own; takes over `x`. */
function ownCopy(x: Tensor): Tensor {
  const result = empty(x.device, x.shape, x.dtype);
  x.device.run(copy, { source: x.buffer, target_: result.buffer }, copyOf(x.size));
  x.dispose();
  return result;
}

function onesLike(x: Tensor): Tensor {
  const result = empty(x.device, x.shape, x.dtype);
  x.device.run(fill, { out: result.buffer }, { n: x.size, value: 1 });
  return result;
}
