import { sumTokens } from '../../tasks/sums/tokens';
import { AskText } from '../ask_text';
import type { PairReply } from '../lessons/pairs';
import { stateShape } from '../switches';
import type { Topic } from '../topic';
import { pairPicture, pairTopic } from './pairs';

export const sums: Topic<string, PairReply> = {
  ...pairTopic('', 'digit'),
  name: 'sums',
  title: 'Sums',
  question:
    'Two numbers below 100 are to be added. Nobody tells the network what a digit is worth: it has only seen 8,000 additions and what came out.',
  lecture:
    'The first digit that is written may need the last one that is read, for there may be something to carry. So the ' +
    'whole sum must be known before a digit appears. Attention tells where the network looked, and not what it found ' +
    'there: read in both directions, the state at one digit knows the others too. Train it to read forward alone, and ' +
    'see where it looks then. Give it three digits, and it shows that it has learnt sums below 200, and no rule.',
  metric: 'sums right',
  inputs: ['27+45', '58+67', '90+9', '123+45'],
  own: 'pairs: columns source and target',
  unlike(input) {
    const text = sumTokens(input).join('');
    if (text === '' || /^(0|[1-9]\d?)\+(0|[1-9]\d?)$/.test(text)) return null;
    return (
      'It learnt sums of two numbers from 0 to 99, with a plus between and no zero in front, such as 27+45: this is none ' +
      'of them, and what it answers is a guess.'
    );
  },
  Ask: ({ input, give }) => (
    <AskText label="An addition, such as 27+45" input={input} give={give} />
  ),
  picture: (input, reply, switches) => pairPicture(sumTokens(input), reply, switches),
  shapes: (switches) => ({
    input: 'x_t: [batch, 32], a digit or the plus as a vector',
    state: `${stateShape(switches, 64)}; the decoder’s [batch, 64]`,
    output: 'logits: [batch, 14], a number for each digit and the end',
  }),
};
