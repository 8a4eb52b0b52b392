/** What the tasks of an encoder and a decoder share: the picture, and the matrix of attention. */
import program from '../../../docs/examples/read_pairs.ts?raw';
import { wholePercent } from '../../learn/percent';
import type { PairReply } from '../lessons/pairs';
import type { Column, Picture } from '../picture';
import type { Switches } from '../switches';
import type { Topic } from '../topic';
import { unsureTold } from './unsure';

const SPACE = '␣';

/** A token as it stands in a box. */
export const boxed = (token: string): string => (token === ' ' ? SPACE : token);

/** @param tokens of the input, as the lesson cuts it. */
export function pairPicture(
  tokens: readonly string[],
  reply: PairReply | null,
  { directions }: Switches,
): Picture {
  const source = reply?.source ?? tokens;
  const read: Column[] = source.map((token) => ({ input: boxed(token) }));
  const written = reply === null ? [''] : [...reply.tokens, reply.finished ? 'end' : '…'];
  return {
    columns: [
      ...read,
      ...written.map((token, i) => ({ output: boxed(token), sure: reply?.sure[i] })),
    ],
    recurrence: directions === 'both' ? 'both' : 'forward',
    decoder: source.length,
    attention: reply?.weights ?? undefined,
  };
}

/** Where each output looked, a square for each pair of tokens. */
export function AttentionMatrix({ reply: { source, tokens, weights } }: { reply: PairReply }) {
  if (!weights)
    return <p class="note">Without attention nothing but the last state crosses over.</p>;
  return (
    <figure class="attention-matrix">
      <div class="scroll" tabIndex={0} role="group" aria-label="Attention">
        <table>
          <thead>
            <tr>
              <td />
              {source.map((token, i) => (
                <th key={i} scope="col">
                  {boxed(token)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {tokens.map((token, row) => (
              <tr key={row}>
                <th scope="row">{boxed(token)}</th>
                {source.map((_, i) => (
                  <td
                    key={i}
                    // In hundredths: what changes by less is not styled anew.
                    style={{ '--weight': weights[row][i].toFixed(2) }}
                    title={`${token} looks at ${source[i]}: ${Math.round(100 * weights[row][i])} %`}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption class="note">
        Attention: each row is something written, and is dark where the network looked to write it.
      </figcaption>
    </figure>
  );
}

/**
 * What a network that writes was not sure of.
 *
 * @param unit what a token is called.
 */
function guessed({ tokens, sure }: PairReply, unit: string): string[] {
  const least = Math.min(...sure);
  const token = tokens[sure.indexOf(least)];
  const what = token === undefined ? 'end' : `${unit} “${boxed(token)}”`;
  return unsureTold(`the ${what}, the least sure of all that it wrote,`, least);
}

/** What is said where the first thing that was written is the end. */
export const NOTHING_SAID = '(nothing: it ended at once)';

/**
 * What the tasks of an encoder and a decoder have in common.
 *
 * @param between the tokens that are written.
 * @param unit what a token that is written is called; those of data of one's own may be anything.
 */
export const pairTopic = (between: string, unit: string) =>
  ({
    shape: 'many-to-many',
    format: wholePercent,
    written: { text: (input) => input, read: (text) => text },
    program,
    switches: ['cell', 'directions', 'attention'],
    Reply: ({ reply }) => <AttentionMatrix reply={reply} />,
    said: ({ tokens, finished }) =>
      finished && tokens.length === 0
        ? NOTHING_SAID
        : `${tokens.join(between)}${finished ? '' : ' … it found no end'}`,
    doubts: (reply, own) => guessed(reply, own ? 'output' : unit),
  }) satisfies Partial<Topic<string, PairReply>>;
