/** What the tasks share that tell the class of a sequence: the picture, and the course of the answer. */
import { wholePercent } from '../../learn/percent';
import type { ClassReply } from '../lessons/classes';
import type { Picture } from '../picture';
import type { Switches } from '../switches';
import { boxed } from './pairs';
import { unknownTold } from './unknown';
import { unsureTold } from './unsure';

/** Classes whose course is drawn. */
const DRAWN = 4;

const indexOfMost = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** How far the answer went at each step: half of all that the probabilities changed by. */
function moves(probabilities: ClassReply['probabilities']): number[] {
  return probabilities.map((row, t) => {
    const before = t === 0 ? row.map(() => 1 / row.length) : probabilities[t - 1];
    return row.reduce((sum, p, i) => sum + Math.abs(p - before[i]), 0) / 2;
  });
}

/** @param pooled what of the states makes the answer: the last of each direction, or all of them. */
export function classPicture(
  tokens: readonly string[],
  reply: ClassReply | null,
  { directions }: Switches,
  pooled: 'last' | 'all',
): Picture {
  const read = reply?.tokens ?? tokens;
  const moved = reply ? moves(reply.probabilities) : [];
  const last = reply?.probabilities.at(-1);
  const best = last ? indexOfMost(last) : 0;
  const before = [...read.keys()].slice(0, -1);
  const ends = directions === 'both' ? before.slice(0, 1) : [];
  return {
    columns: read.map((token, i) => ({
      input: boxed(token),
      unknown: reply ? !reply.known[i] : undefined,
      moved: moved[i],
      ...(i === read.length - 1 && {
        output: reply && last ? reply.classes[best] : '',
        sure: last?.[best],
      }),
    })),
    recurrence: directions === 'both' ? 'both' : 'forward',
    reads: pooled === 'all' ? before : ends,
  };
}

export function saidClass({ classes, probabilities }: ClassReply): string {
  const last = probabilities.at(-1)!;
  return classes
    .map((name, i) => ({ name, p: last[i] }))
    .sort((a, b) => b.p - a.p)
    .slice(0, 3)
    .map(({ name, p }) => `${name} ${wholePercent(p)}`)
    .join(', ');
}

/** @param what tokens are called. */
export function classDoubts(
  { tokens, known, classes, probabilities }: ClassReply,
  what: string,
): string[] {
  const last = probabilities.at(-1)!;
  const best = indexOfMost(last);
  return [
    ...unsureTold(`${classes[best]}, the likeliest,`, last[best]),
    ...unknownTold(
      tokens,
      known,
      'never',
      `To the network all unknown ${what} are one, and it has not learnt with that one either.`,
    ),
  ];
}

/** The probability of the likeliest classes after every step, a column for each. */
export function Course({ reply: { tokens, classes, probabilities } }: { reply: ClassReply }) {
  const peak = classes.map((_, i) => Math.max(...probabilities.map((row) => row[i])));
  const drawn = [...classes.keys()].sort((a, b) => peak[b] - peak[a]).slice(0, DRAWN);
  return (
    <figure class="course">
      <div class="scroll" tabIndex={0} role="group" aria-label="The answer so far">
        <table>
          <thead>
            <tr>
              <td />
              {tokens.map((token, i) => (
                <th key={i} scope="col">
                  {boxed(token)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {drawn.map((place) => (
              <tr key={place}>
                <th scope="row">{classes[place]}</th>
                {probabilities.map((row, i) => (
                  <td key={i} style={{ '--weight': row[place] }}>
                    {Math.round(100 * row[place])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption class="note">
        In percent, what the network would answer if the input ended there. The bars in the picture,
        below the inputs, tell how far each one moved the answer.
      </figcaption>
    </figure>
  );
}
