import { below, oneHot } from './toy';
import type { Toy } from './toy';

/** Each kind of bracket as it opens and closes. */
export const KINDS = ['()', '[]', '{}'];
export const [LENGTH, DEEPEST] = [24, 6];

/** Dyck words: after each bracket that closes inside another, which kind must close next? */
export const brackets: Toy = {
  name: 'brackets',
  features: 2 * KINDS.length,
  answer: { classes: KINDS.length },
  unit: 'answer',
  time: LENGTH,
  training: { steps: 1500, lr: 5e-3, hidden: 40 },
  draw(random) {
    const open: number[] = [];
    const inputs: number[][] = [];
    const targets: (number | null)[] = [];
    for (let i = 0; i < LENGTH; i++) {
      const opens = open.length === 0 || (open.length < DEEPEST && random.uniform() < 0.55);
      const kind = opens ? below(KINDS.length, random) : open.pop()!;
      if (opens) open.push(kind);
      inputs.push(oneHot(2 * kind + Number(!opens), 2 * KINDS.length));
      targets.push(opens ? null : (open.at(-1) ?? null));
    }
    return { inputs, targets };
  },
};
