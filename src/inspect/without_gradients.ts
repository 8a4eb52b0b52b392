import type { Module } from '../nn/module';

/** Runs `body` while no parameter asks for a gradient, which would cost as much again. */
export function withoutGradients<T>(modules: readonly Module[], body: () => T): T {
  const asking = modules
    .flatMap((module) => module.parameters())
    .filter(({ requiresGrad }) => requiresGrad);
  for (const parameter of asking) parameter.requiresGrad = false;
  try {
    return body();
  } finally {
    for (const parameter of asking) parameter.requiresGrad = true;
  }
}
