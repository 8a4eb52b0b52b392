import { adding, LENGTH as NUMBERS } from './toys/adding';
import { brackets, KINDS } from './toys/brackets';
import { copying, LETTERS, MESSAGE, WAIT } from './toys/copying';
import { counting, LEARNT, TESTED } from './toys/counting';
import { parity, LENGTH as BITS, LONGER } from './toys/parity';
import { TOLERANCE } from './toys/toy';
import type { Toy } from './toys/toy';

/** A toy, and how the page speaks of it. */
export interface Topic {
  readonly toy: Toy;
  readonly title: string;
  /** What is asked. */
  readonly asks: string;
  /** What a cell must be able to do. */
  readonly needs: string;
  /** What the curves show. */
  readonly right: string;
  /** What came out when it was measured, and why. */
  readonly found: string;
  /** A step of the input, for a box of the sequence. */
  readonly read: (input: readonly number[]) => { text: string; marked?: boolean };
  /** An answer. */
  readonly say: (value: number) => string;
}

const letter = (place: number): string => 'ABCDEFGH'[place];

export const TOPICS: readonly [Topic, ...Topic[]] = [
  {
    toy: adding,
    title: 'Adding',
    asks: `${NUMBERS} numbers between 0 and 1, two of them marked: what is the sum of those two?`,
    needs:
      'A cell must let 38 numbers pass, take in two, and keep the first unchanged until the second comes.',
    right: `Sums within ${TOLERANCE}`,
    found:
      'When we measured it, from three seeds: LSTM and GRU 96 to 100 %, the plain RNN 15 to 18 %. Its state is made anew at each step, and little of the first number, or of a gradient that would teach it to stay, is left after twenty of them; gates can leave a number alone.',
    read: ([value, marked]) => ({ text: value.toFixed(2).slice(1), marked: marked === 1 }),
    say: (value) => value.toFixed(2),
  },
  {
    toy: copying,
    title: 'Copying',
    asks: `${MESSAGE} letters, ${WAIT} steps of nothing, and then: say the letters again.`,
    needs: `A cell must keep ${MESSAGE} of ${LETTERS} letters in their order while nothing comes in, and let them out one by one.`,
    right: 'Letters that are right',
    found:
      'When we measured it, from two seeds: LSTM 99 and 100 %, RNN 34 and 54 %, GRU 23 and 27 %. The LSTM here begins with its forget gate nearly open (bias 3), so that a gradient reaches back over all 50 steps from the start; the GRU begins with half of its state replaced at each step. With 20 steps of nothing GRU and RNN learn it too.',
    read: (input) => {
      const place = input.indexOf(1);
      return place < LETTERS ? { text: letter(place) } : { text: place === LETTERS ? '·' : '?' };
    },
    say: letter,
  },
  {
    toy: counting,
    title: 'Counting',
    asks: 'As many b as there were a: at each b, is it the last one?',
    needs: `A cell must count up, and down again, further than it ever had to: it learns from up to ${LEARNT} a, and is tested on ${LEARNT + 1} to ${TESTED}.`,
    right: 'Whole sequences that are right',
    found:
      'When we measured it, from three seeds: LSTM 60 to 100 %, GRU and RNN 9 to 22 %. The memory of an LSTM can grow by the same amount at each a, and shrink at each b; the state of the others stays between -1 and 1, and what works for ten a runs into that wall. Try the LSTM with peepholes.',
    read: ([isA]) => ({ text: isA === 1 ? 'a' : 'b' }),
    say: (value) => (value === 1 ? 'end' : '–'),
  },
  {
    toy: brackets,
    title: 'Brackets',
    asks: 'Three kinds of bracket, one inside another: after one that closes, which kind must close next?',
    needs: 'A cell must remember every bracket that is still open, the last one first: a stack.',
    right: 'Brackets that are right',
    found:
      'When we measured it, from three seeds: all three 99 to 100 %. Up to six brackets deep there is room enough in 40 units, and each bracket is needed again soon: no long memory is asked for, and the plain RNN is not left behind.',
    read: (input) => {
      const place = input.indexOf(1);
      return { text: KINDS[place >> 1][place % 2] };
    },
    say: (value) => KINDS[value][1],
  },
  {
    toy: parity,
    title: 'Parity',
    asks: 'Zeros and ones: is the number of ones so far odd?',
    needs: `A cell must keep one bit, and turn it over with each one: a memory that is written to at every step. It learns from ${BITS} steps, and is tested on ${LONGER}.`,
    right: 'Steps that are right',
    found:
      'When we measured it, from three seeds: LSTM and GRU 100 %, the plain RNN once, and 54 % twice. There is no half-way: until a cell has found out how to flip its bit it is right as often as a coin.',
    read: ([bit]) => ({ text: String(bit), marked: bit === 1 }),
    say: (value) => (value === 1 ? 'odd' : 'even'),
  },
];
