import program from '../../../docs/examples/read_digit.ts?raw';
import { wholePercent } from '../../learn/percent';
import { Drawing } from '../drawing';
import type { DigitReply } from '../lessons/digit';
import type { Topic } from '../topic';

const SIDE = 8;

/** A seven. */
const FIRST = [
  '........',
  '.######.',
  '.....##.',
  '....##..',
  '...##...',
  '...#....',
  '..##....',
  '........',
].flatMap((row) => Array.from(row, (pixel) => (pixel === '#' ? 1 : 0)));

function Ask({
  input,
  give,
}: {
  input: readonly number[];
  give: (input: readonly number[]) => void;
}) {
  return (
    <div class="draw">
      <Drawing
        label="A square of 8 by 8 pixels to draw a digit in"
        side={SIDE}
        pixels={input.flatMap((value) => [value, value, value])}
        colour={[1, 1, 1]}
        radius={0.6}
        draw={(pixels) => give(pixels.filter((_, i) => i % 3 === 0))}
      />
      <button type="button" onClick={() => give(new Array<number>(SIDE * SIDE).fill(0))}>
        Clear
      </button>
    </div>
  );
}

export const digit: Topic<readonly number[], DigitReply> = {
  name: 'digit',
  title: 'A drawn digit',
  shape: 'one-to-one',
  question: 'Which digit is this? All 64 pixels are seen at once, and none before or after.',
  lecture:
    'Every pixel has a weight of its own to every unit, so the network knows nothing of above and beside: ' +
    'a digit that is moved by two pixels is another input. There is no time here, and no state; that is ' +
    'what the other four pictures add.',
  metric: 'pictures right',
  format: wholePercent,
  inputs: [FIRST],
  program,
  switches: [],
  Ask,
  picture: (_input, reply) => {
    const best = reply ? Math.max(...reply) : undefined;
    const output = reply ? String(reply.indexOf(best!)) : '';
    return { columns: [{ input: 'picture', output, sure: best }], recurrence: 'none' };
  },
  shapes: () => ({
    input: 'x: [batch, 64], a number for each pixel',
    state: 'two hidden layers: [batch, 128] and [batch, 64]',
    output: 'logits: [batch, 10], a number for each digit',
  }),
  Reply: ({ reply }) => (
    <ol class="bars" start={0}>
      {reply.map((probability, name) => (
        <li key={name} style={{ '--weight': probability }}>
          <b>{name}</b> {wholePercent(probability)}
        </li>
      ))}
    </ol>
  ),
  said: (reply) => {
    const best = Math.max(...reply);
    return `${reply.indexOf(best)} (${wholePercent(best)})`;
  },
};
