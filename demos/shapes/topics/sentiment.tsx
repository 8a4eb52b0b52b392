import program from '../../../docs/examples/read_class.ts?raw';
import { wholePercent } from '../../learn/percent';
import { AskText } from '../ask_text';
import type { ClassReply } from '../lessons/classes';
import { stateShape } from '../switches';
import type { Topic } from '../topic';
import { classDoubts, classPicture, Course, saidClass } from './classes';

export const sentiment: Topic<string, ClassReply> = {
  name: 'sentiment',
  title: 'Feeling of a sentence',
  shape: 'many-to-one',
  question: 'Is the writer pleased? The sentence is read word by word.',
  lecture:
    'A word turns what stands before it: “not dull” is no “dull”. A bag of words cannot know that, a state ' +
    'can. The answer takes the largest value of each unit over all words, so that every state leads to it. What the network would answer if the sentence ended after each word is what the state says so ' +
    'far.',
  metric: 'sentences right',
  format: wholePercent,
  inputs: [
    'I expected a dull film and got a clever one.',
    'The soup was not stale at all.',
    'The room is anything but quiet.',
  ],
  written: { text: (input) => input, read: (text) => text },
  program,
  switches: ['cell', 'directions'],
  own: 'sentences and their labels: columns text and label',
  Ask: ({ input, give }) => <AskText label="A sentence" input={input} give={give} />,
  picture: (input, reply, switches) =>
    classPicture(input.trim().split(/\s+/), reply, switches, 'all'),
  shapes: (switches) => ({
    input: 'x_t: [batch, 48], a word as a vector',
    state: stateShape(switches, 48),
    output: 'logits: [batch, 2], from the largest value of each unit over time',
  }),
  Reply: ({ reply }) => <Course reply={reply} />,
  said: saidClass,
  doubts: (reply) => classDoubts(reply, 'words'),
};
