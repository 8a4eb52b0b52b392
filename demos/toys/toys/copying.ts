import { below, oneHot } from './toy';
import type { Toy } from './toy';

/** Letters that there are, letters of a message, and steps to wait before it is to be said again. */
export const [LETTERS, MESSAGE, WAIT] = [4, 4, 50];
/** Features behind those of the letters. */
const [NOTHING, SPEAK] = [LETTERS, LETTERS + 1];

/** The copying problem of Hochreiter and Schmidhuber (1997): a few letters, a long wait, and the letters again. */
export const copying: Toy = {
  name: 'copying',
  features: LETTERS + 2,
  answer: { classes: LETTERS },
  unit: 'answer',
  time: 2 * MESSAGE + WAIT,
  training: { steps: 3000, lr: 5e-3, hidden: 40 },
  draw(random) {
    const message = Array.from({ length: MESSAGE }, () => below(LETTERS, random));
    const quiet = (place: number) => oneHot(place, LETTERS + 2);
    return {
      inputs: [
        ...message.map(quiet),
        ...Array.from({ length: WAIT }, () => quiet(NOTHING)),
        ...message.map(() => quiet(SPEAK)),
      ],
      targets: [...new Array<null>(MESSAGE + WAIT).fill(null), ...message],
    };
  },
};
