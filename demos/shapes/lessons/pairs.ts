/** Encoder and decoder of the page's tasks that write one sequence after another. */
import { DataError } from '../../../src/errors';
import { exactMatch } from '../../../src/metrics/index';
import { reshape } from '../../../src/index';
import type { EncoderDecoder } from '../../../src/nn/index';
import type { Lesson } from '../../learn/lesson';
import { split } from '../../tasks/pairs/pairs';
import { certainties, write } from '../../tasks/pairs/evaluate';
import { vocabularies } from '../../tasks/pairs/model';
import type { PairExample, PairMeta } from '../../tasks/pairs/model';
import type { Pair, PairSets } from '../../tasks/pairs/pairs';
import { FIRST } from '../switches';
import { ownPairs } from './own_file';
import type { OwnFile } from './own_file';
import { foundPairs, learntFrom } from './own_found';
import type { LessonSettings } from './settings';
import { attended, columnOf, gradientsOf, largest, watch } from './watched';

export interface PairReply {
  readonly source: readonly string[];
  readonly tokens: readonly string[];
  /** The probability of each token, and of the end where it found one. */
  readonly sure: readonly number[];
  /** [outputs][inputs], the last row for the end; null without attention. */
  readonly weights: readonly (readonly number[])[] | null;
  /** False where it found no end. */
  readonly finished: boolean;
}

/** @param tokensOf of an input: characters, letters or words. */
export function pairLesson(
  example: PairExample,
  tokensOf: (input: string) => string[],
): Lesson<LessonSettings, string, PairReply, EncoderDecoder, PairMeta> {
  const ownSets = (own: OwnFile) => {
    const { pairs, columns } = ownPairs(own, tokensOf);
    return { columns, ...split(pairs, 0.1) };
  };
  const ownLearnt = (own: OwnFile) => {
    const data = ownSets(own);
    const tokens = ({ source, target }: Pair) => source.length + target.length;
    return {
      ...learntFrom(example, data, example.batchSize(data), tokens),
      load: async () => data,
    };
  };
  return {
    evaluations: 12,
    found: ({ own }) => own && foundPairs(own, ownSets(own)),
    example(settings) {
      const { cell, directions, attention } = settings?.switches ?? FIRST;
      const own = settings?.own ?? null;
      const chosen = {
        ...example,
        ...(own && {
          ...ownLearnt(own),
          baseline: ({ test }: PairSets) => ({
            name: 'what is read, as it is',
            metrics: {
              exactMatch: exactMatch(
                test.map(({ source }) => source.join('')),
                test.map(({ target }) => target.join('')),
              ),
            },
          }),
        }),
        meta(data: PairSets): PairMeta {
          const meta = example.meta(data);
          return {
            ...meta,
            sizes: {
              ...meta.sizes,
              cell,
              bidirectional: directions === 'both',
              attention: attention === 'on' ? meta.sizes.attention : undefined,
            },
          };
        },
      };
      return chosen;
    },
    async answer(model, meta, input) {
      const source = tokensOf(input);
      if (source.length === 0) throw new DataError('There is nothing to read: type something.');
      const [unknown] = vocabularies(meta).source.unknown(source);
      if (unknown !== undefined) {
        throw new DataError(`Nothing that it learnt from has “${unknown}”: leave that out.`);
      }
      const [written] = await write(model, [source], meta);
      const { tokens, weights, finished } = written;
      return {
        source,
        tokens,
        sure: await certainties(model, source, written, meta),
        weights: weights.length > 0 ? weights.map((row) => Array.from(row)) : null,
        finished,
      };
    },
    async gradient(model, meta, input, output) {
      const source = tokensOf(input);
      const [{ tokens }] = await write(model, [source], meta);
      const known = vocabularies(meta);
      const given = known.target.encode(tokens, { bos: true });
      const read = known.source.encode(source);
      return gradientsOf(model, () => {
        const { encoder, decoder, bridge } = model;
        const { device } = decoder.out.weight;
        const from = watch(encoder.rnn, encoder.embedding.forward(columnOf(device, read)));
        const handed = from.state.map(
          (part, i) => bridge[i]?.forward(reshape(part, [1, 1, -1])) ?? part,
        );
        const to = watch(decoder.rnn, decoder.embedding.forward(columnOf(device, given)), handed);
        const memory = decoder.attention?.project(from.output);
        const logits = decoder.out.forward(attended(decoder, to.output, memory));
        return {
          answer: largest(reshape(logits, [given.length, -1]), output ?? 0),
          layers: [from, to],
        };
      });
    },
  };
}
