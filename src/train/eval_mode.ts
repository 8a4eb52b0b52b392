import { noGrad } from '../autograd/graph';
import type { Module } from '../nn/module';
import { scope } from '../tensor/scope';

/**
 * Runs `body` with the module in evaluation and no graph, its temporaries freed; then every part of
 * the module is as it was. What it returns stays.
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
