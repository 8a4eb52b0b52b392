import program from '../../../docs/examples/read_tags.ts?raw';
import { wholePercent } from '../../learn/percent';
import { AskText } from '../ask_text';
import type { TagReply } from '../lessons/tags';
import { stateShape } from '../switches';
import type { Topic } from '../topic';
import { unknownTold } from './unknown';
import { GUESSED } from './unsure';

/** The tags of the Brown corpus that the sentences have, by the family that is coloured alike. */
const FAMILIES: readonly (readonly [name: string, colour: string, tags: RegExp])[] = [
  ['noun', 'var(--output)', /^n/],
  ['verb', 'var(--input)', /^(v|be|hv|md|do)/],
  ['adjective, number', 'var(--state)', /^(j|cd|od)/],
  ['pronoun', 'var(--accent)', /^(pp|wp)/],
  ['adverb', 'var(--alert)', /^(rb|\*|ql)/],
  ['small word', 'var(--muted)', /./],
];

/** What the tags stand for. */
const MEANINGS: Readonly<Record<string, string>> = {
  at: 'article',
  be: 'be',
  ber: 'are',
  bez: 'is',
  cc: 'and, or',
  cd: 'number',
  cs: 'joins clauses',
  dt: 'this, that',
  dts: 'these, those',
  hv: 'have',
  hvd: 'had',
  hvz: 'has',
  in: 'preposition',
  jj: 'adjective',
  md: 'modal verb',
  nn: 'noun',
  nns: 'noun, plural',
  np: 'name',
  pp$: 'possessive',
  ppo: 'pronoun as object',
  pps: 'he, she, it',
  ppss: 'other pronoun as subject',
  ql: 'very, so',
  rb: 'adverb',
  to: 'to, before a verb',
  vb: 'verb',
  vbd: 'verb, past',
  vbg: 'verb, -ing',
  vbn: 'verb, participle',
  vbz: 'verb, with he or she',
  ',': 'comma',
  '.': 'end of a sentence',
};

const meaningOf = (tag: string): string => MEANINGS[tag] ?? tag;

const familyOf = (tag: string) => FAMILIES.find(([, , tags]) => tags.test(tag))!;

export const tags: Topic<string, TagReply> = {
  name: 'tags',
  title: 'Parts of speech',
  shape: 'synchronous',
  question:
    'What is each word in its sentence: noun, verb, …? Many words can be several of them. It learnt from 400 sentences of a small grammar, with the tags of the Brown corpus (nn a noun, vb a verb, at an article).',
  lecture:
    '“can” is a verb or a noun, by the words around it. The state brings what stood before, the other ' +
    'direction what comes after. A word that was never seen is read by its ending and its place.',
  metric: 'words right',
  format: wholePercent,
  inputs: [
    'They can see the old can.',
    'She saw a saw in the garden.',
    'The walks are old, and he walks slowly.',
  ],
  written: { text: (input) => input, read: (text) => text },
  program,
  switches: ['cell', 'directions'],
  Ask: ({ input, give }) => <AskText label="A sentence" input={input} give={give} />,
  picture: (input, reply, { directions }) => ({
    columns: reply
      ? reply.words.map(({ word, tag, probability, known }) => ({
          input: word,
          unknown: !known,
          output: tag,
          meaning: meaningOf(tag),
          sure: probability,
        }))
      : input
          .trim()
          .split(/\s+/)
          .map((word) => ({ input: word, output: '' })),
    recurrence: directions === 'both' ? 'both' : 'forward',
  }),
  shapes: (switches) => ({
    input: 'x_t: [batch, 80], a word and its ending as vectors',
    state: stateShape(switches, 48),
    output: 'logits: [batch, tags] at every step',
  }),
  Reply: ({ reply: { words } }) => (
    <>
      <p class="coloured">
        {words.map(({ word, tag, probability }, i) => (
          <span
            key={i}
            style={{ '--family': familyOf(tag)[1] }}
            title={`${meaningOf(tag)}, ${wholePercent(probability)}`}
          >
            {word}
          </span>
        ))}
      </p>
      <p class="families note">
        {FAMILIES.map(([name, colour]) => (
          <span key={name} style={{ '--family': colour }}>
            {name}
          </span>
        ))}
      </p>
      <dl class="meanings note">
        {[...new Set(words.map(({ tag }) => tag))].map((tag) => (
          <div key={tag}>
            <dt>{tag}</dt> <dd>{meaningOf(tag)}</dd>
          </div>
        ))}
      </dl>
    </>
  ),
  said: ({ words }) => words.map(({ word, tag }) => `${word}/${tag}`).join(' '),
  doubts({ words }) {
    const unsure = words
      .filter(({ probability }) => probability < GUESSED)
      .map(({ word, tag, probability }) => `${word}/${tag} (${wholePercent(probability)})`);
    return [
      ...(unsure.length > 0 ? [`Not sure: ${unsure.join(', ')}.`] : []),
      ...unknownTold(
        words.map(({ word }) => word),
        words.map(({ known }) => known),
        'once',
        'Of such a word the network has the last three letters, and its place.',
      ),
    ];
  },
};
