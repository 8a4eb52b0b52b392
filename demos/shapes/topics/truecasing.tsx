import program from '../../../docs/examples/read_capitals.ts?raw';
import { wholePercent } from '../../learn/percent';
import { lowered, raised } from '../../tasks/truecasing/capitals';
import { AskText } from '../ask_text';
import type { CaseReply } from '../lessons/truecasing';
import { stateShape } from '../switches';
import type { Topic } from '../topic';
import { boxed } from './pairs';
import { unknownTold } from './unknown';

const cased = ({ characters, probabilities }: CaseReply): string =>
  raised(
    characters,
    probabilities.map((p) => p > 0.5),
  );

export const truecasing: Topic<string, CaseReply> = {
  name: 'truecasing',
  title: 'Capitals',
  shape: 'synchronous',
  question:
    'Which letters are capitals? The text is read in small letters, and the network decides at each. It learnt from a short novel, and knows the names in it.',
  lecture:
    'A capital has a reason before it, where a sentence begins, and one behind it, where the rest of the word makes it a ' +
    'name. Read forward alone, the network must decide at the c of constance without having seen the rest. ' +
    'Train it so, and see which capitals it loses. What it is measured beside writes each word as it is written most often, and is told by ' +
    'a rule where sentences begin, where two thirds of all capitals are. The network finds that rule by itself, and is level with ' +
    'it; without the rule the usual form alone has an F1 of 64 %.',
  metric: 'F1 of capitals',
  format: wholePercent,
  inputs: [
    'in april the ferry came to stannow. "sit," said edda.',
    'the bridge at stannow was built by mr. thrupp. he was glad.',
    'it was late in april, and constance was tired.',
  ],
  written: { text: (input) => input, read: (text) => text },
  program,
  switches: ['cell', 'directions'],
  Ask: ({ input, give }) => (
    <AskText label="A text, read in small letters" input={input} give={give} />
  ),
  picture(input, reply, { directions }) {
    const characters = reply?.characters ?? lowered(input.trim());
    const written = reply && [...cased(reply)];
    return {
      columns: characters.map((character, i) => ({
        input: boxed(character),
        unknown: reply ? !reply.known[i] : undefined,
        output: written ? boxed(written[i]) : '',
        sure: reply ? Math.max(reply.probabilities[i], 1 - reply.probabilities[i]) : undefined,
      })),
      recurrence: directions === 'both' ? 'both' : 'forward',
    };
  },
  shapes: (switches) => ({
    input: 'x_t: [batch, 32], a character as a vector',
    state: stateShape(switches, 96),
    output: 'logits: [batch, 2] at every step, small or capital',
  }),
  Reply: ({ reply }) => (
    <>
      <p class="cased">
        {[...cased(reply)].map((character, i) => (
          <span
            key={i}
            style={{ '--weight': reply.probabilities[i] }}
            title={`a capital: ${wholePercent(reply.probabilities[i])}`}
          >
            {character}
          </span>
        ))}
      </p>
      <p class="note">The stronger the colour, the surer it is that there is a capital.</p>
    </>
  ),
  said: cased,
  doubts: ({ characters, known }) =>
    unknownTold(characters, known, 'once', 'To the network all unknown characters are one.'),
};
