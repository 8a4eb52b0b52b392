import type { Picture } from './picture';

export type ShapeName =
  'one-to-one' | 'one-to-many' | 'many-to-one' | 'many-to-many' | 'synchronous';

/** One of the five pictures. */
export interface Shape {
  readonly name: ShapeName;
  readonly title: string;
  /** A line to find it by. */
  readonly summary: string;
  /** What a lecturer would put under the slide. */
  readonly lecture: string;
  /** Drawn small, without words. */
  readonly schematic: Picture;
}

const both = { input: '', output: '' };
const read = { input: '' };
const written = { output: '' };

export const SHAPES: readonly Shape[] = [
  {
    name: 'one-to-one',
    title: 'One to one',
    summary: 'one input, one answer, no time',
    lecture:
      'A vector of fixed size goes in, a vector of fixed size comes out, in a fixed number of operations. A picture ' +
      'and its class, a window of a series and its next value: nothing is remembered from one input to the next, ' +
      'and what lies outside the window does not exist.',
    schematic: { columns: [both], recurrence: 'none' },
  },
  {
    name: 'one-to-many',
    title: 'One to many',
    summary: 'one input, a sequence of answers',
    lecture:
      'One input starts the state, and from then on each output is made from the state and from the output before. ' +
      'The network stops by itself: the end is a word like any other, which it has learnt to say.',
    schematic: { columns: [both, written, written], recurrence: 'forward' },
  },
  {
    name: 'many-to-one',
    title: 'Many to one',
    summary: 'a sequence, one answer at its end',
    lecture:
      'The sequence is read step by step into a state of fixed size, whatever its length, and at its end the answer is ' +
      'made from that. The same weights serve every step. What the answer needs must survive all steps that ' +
      'follow, and its gradient must find the way back through them.',
    schematic: { columns: [read, read, { input: '', output: '' }], recurrence: 'forward' },
  },
  {
    name: 'many-to-many',
    title: 'Many to many',
    summary: 'a sequence read, then another written',
    lecture:
      'An encoder reads the input to its end, and only then a decoder begins to write, starting from the state that it ' +
      'was handed. Both sequences have lengths of their own. All that crosses is one state, unless attention lets each ' +
      'output look back at every step of the input.',
    schematic: { columns: [read, read, read, written, written], recurrence: 'forward', decoder: 3 },
  },
  {
    name: 'synchronous',
    title: 'Many to many, in step',
    summary: 'an answer at every step of the input',
    lecture:
      'There is an output for every input, at the same step. Read forward alone, an answer knows only what came before; ' +
      'read in both directions it knows the whole sequence, but must wait for its end.',
    schematic: { columns: [both, both, both], recurrence: 'forward' },
  },
];
