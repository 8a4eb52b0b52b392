import { noGrad } from '../autograd/graph';
import type { Module } from '../nn/module';
import { scope } from '../tensor/scope';

/**
 * Runs `body` with the module in evaluation and no graph, its temporaries freed; then every part of
 * the module is as it was.
 */
export function evalMode<T>(module: Module, body: () => T): T {
  const flags = Array.from(module.modules(), (part) => [part, part.training] as const);
  module.eval();
  try {
    return noGrad(() => scope(body));
  } finally {
    for (const [part, training] of flags) part.training = training;
  }
}
