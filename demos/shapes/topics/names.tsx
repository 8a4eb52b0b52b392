import program from '../../../docs/examples/read_class.ts?raw';
import { wholePercent } from '../../learn/percent';
import { LANGUAGES } from '../../tasks/names/generated';
import { AskText } from '../ask_text';
import type { ClassReply } from '../lessons/classes';
import { stateShape } from '../switches';
import type { Topic } from '../topic';
import { classDoubts, classPicture, Course, saidClass } from './classes';

export const names: Topic<string, ClassReply> = {
  name: 'names',
  title: 'Language of a name',
  shape: 'many-to-one',
  question: `Which language is this surname from? It is read letter by letter, and is one of ${LANGUAGES.join(', ')}.`,
  lecture:
    'An ending like -ska or -ini counts, and so does a beginning. Read forward alone, the answer is made from the ' +
    'last state. With two directions the last state of each is read, and that of the way back stands at the first ' +
    'letter. Watch the probabilities letter by letter: what looks settled in the middle may be open again ' +
    'a letter later.',
  metric: 'names right',
  format: wholePercent,
  inputs: ['Kowalska', 'Brandt', 'Bellini', 'Novotný'],
  written: { text: (input) => input, read: (text) => text },
  program,
  switches: ['cell', 'directions'],
  own: 'names or words and their labels: columns text and label',
  Ask: ({ input, give }) => <AskText label="A surname" input={input} give={give} />,
  picture: (input, reply, switches) => classPicture([...input.trim()], reply, switches, 'last'),
  shapes: (switches) => ({
    input: 'x_t: [batch, 32], a letter as a vector',
    state: stateShape(switches, 64),
    output: `logits: [batch, 10], a number for each language, from the last state${
      switches.directions === 'both' ? ' of each direction' : ''
    }`,
  }),
  Reply: ({ reply }) => <Course reply={reply} />,
  said: saidClass,
  doubts: (reply) => classDoubts(reply, 'letters'),
};
