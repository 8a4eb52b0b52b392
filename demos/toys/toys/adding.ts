import { below } from './toy';
import type { Toy } from './toy';

export const LENGTH = 40;

/** The adding problem of Hochreiter and Schmidhuber (1997): of many numbers two are marked; their sum is asked. */
export const adding: Toy = {
  name: 'adding',
  features: 2,
  answer: 'number',
  unit: 'answer',
  time: LENGTH,
  training: { steps: 2000, lr: 5e-3, hidden: 40 },
  draw(random) {
    const half = LENGTH / 2;
    const marked = [below(half, random), half + below(half, random)];
    const values = Array.from({ length: LENGTH }, () => random.uniform());
    const sum = values[marked[0]] + values[marked[1]];
    return {
      inputs: values.map((value, i) => [value, Number(marked.includes(i))]),
      targets: values.map((_, i) => (i === LENGTH - 1 ? sum : null)),
    };
  },
};
