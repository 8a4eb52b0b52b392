import { noGrad } from '../autograd/graph';
import type { Module } from '../nn/module';
import { scope } from '../tensor/scope';

/**
 * Runs `body` with the module in evaluation and no graph, its temporaries freed; then every part of
 * the module is as it was. What it returns stays.
 *
 * @example
 * ```ts
 * import { argmax, ones, openDevice } from 'lethe';
 * import { Linear } from 'lethe/nn';
 * import { evalMode } from 'lethe/train';
 *
 * const device = await openDevice('cpu');
 * const model = new Linear(device, 4, 2);
 * const classes = evalMode(model, () => argmax(model.forward(ones(device, [3, 4])), 1));
 * console.log(classes.shape, model.training); // [ 3 ] true
 * ```
 */
export function evalMode<T>(module: Module, body: () => T): T {
  const restore = modesOf(module);
  module.eval();
  try {
    return noGrad(() => scope(body));
  } finally {
    restore();
  }
}

/** Runs `body` with the module in evaluation; then every part of the module is as it was. */
export async function inEvaluation<T>(module: Module, body: () => Promise<T>): Promise<T> {
  const restore = modesOf(module);
  module.eval();
  try {
    return await body();
  } finally {
    restore();
  }
}

function modesOf(module: Module): () => void {
  const flags = Array.from(module.modules(), (part) => [part, part.training] as const);
  return () => {
    for (const [part, training] of flags) part.training = training;
  };
}
