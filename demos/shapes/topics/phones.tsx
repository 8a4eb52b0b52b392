import { AskText } from '../ask_text';
import type { PairReply } from '../lessons/pairs';
import { stateShape } from '../switches';
import type { Topic } from '../topic';
import { pairPicture, pairTopic } from './pairs';

export const phones: Topic<string, PairReply> = {
  ...pairTopic(' ', 'sound'),
  name: 'phones',
  title: 'Letters to sounds',
  question:
    'How is the word spoken? It is of a made-up language whose spelling has rules like those of English.',
  lecture:
    'Sounds and letters do not stand in pairs: “th” is one sound, and a silent e is none. Attention goes ' +
    'through the word mostly from left to right, and shows which letters make a sound.',
  metric: 'words wrong',
  inputs: ['knighting', 'phoneme', 'chats', 'thought'],
  Ask: ({ input, give }) => (
    <AskText label="A word, of the letters a to z" input={input} give={give} />
  ),
  picture: (input, reply, switches) =>
    pairPicture([...input.trim().toLowerCase()], reply, switches),
  shapes: (switches) => ({
    input: 'x_t: [batch, 32], a letter as a vector',
    state: `${stateShape(switches, 64)}; the decoder’s [batch, 64]`,
    output: 'logits: [batch, sounds], a number for each sound and the end',
  }),
};
