import { below } from './toy';
import type { Toy } from './toy';

/** Letters a in a sequence that is learnt from, at most, and in one to test on, from one more on. */
export const [LEARNT, TESTED] = [10, 20];

/** a…ab…b, as many of each: at each b, is it the last? Learnt from short ones, tested on longer ones. */
export const counting: Toy = {
  name: 'counting',
  features: 2,
  answer: { classes: 2 },
  unit: 'sequence',
  time: 2 * LEARNT,
  training: { steps: 3000, lr: 1e-2, hidden: 6 },
  draw: (random) => word(1 + below(LEARNT, random)),
  test: { time: 2 * TESTED, draw: (random) => word(LEARNT + 1 + below(TESTED - LEARNT, random)) },
};

function word(count: number): ReturnType<Toy['draw']> {
  const steps = Array.from({ length: 2 * count }, (_, i) => i);
  return {
    inputs: steps.map((i) => (i < count ? [1, 0] : [0, 1])),
    targets: steps.map((i) => (i < count ? null : Number(i === 2 * count - 1))),
  };
}
