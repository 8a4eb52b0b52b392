import { Dropout } from '../nn/dropout';
import type { Module } from '../nn/module';
import type { Generator } from '../tensor/generator';

/** Those of the model's dropouts, and one more, each once; the one more first. */
export function generatorsOf(model: Module, other: Generator | undefined): Generator[] {
  const own = Array.from(model.modules()).flatMap((part) =>
    part instanceof Dropout ? part.generator : [],
  );
  return [...new Set([...(other ? [other] : []), ...own])];
}
