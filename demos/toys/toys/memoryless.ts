import { Random } from 'lethe';

import { accuracyOf } from './toy';
import type { Toy, ToySequence } from './toy';

/** Sequences that it learns from. */
const COUNT = 1000;

/**
 * How often the best answer is right that looks at the present input alone: for classes the one that is most often
 * right with this input; for a number the mean of all.
 */
export function withoutMemory(toy: Toy, sequences: readonly ToySequence[]): number {
  const random = new Random(0);
  /** Of each input the targets that went with it. */
  const seen = new Map<string, number[]>();
  const key = (input: readonly number[]) => (toy.answer === 'number' ? '' : input.join());
  for (let i = 0; i < COUNT; i++) {
    const { inputs, targets } = toy.draw(random);
    for (const [t, target] of targets.entries()) {
      if (target === null) continue;
      const known = seen.get(key(inputs[t]));
      if (known) known.push(target);
      else seen.set(key(inputs[t]), [target]);
    }
  }
  const summary = toy.answer === 'number' ? mean : mostFrequent;
  const best = new Map([...seen].map(([input, targets]) => [input, summary(targets)]));
  const answers = sequences.map(({ inputs }) => inputs.map((input) => best.get(key(input)) ?? 0));
  return accuracyOf(toy, sequences, answers);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0][0];
}
