import { amax, noGrad, scope, softmax, tensor } from 'lethe';
import type { Tensor } from 'lethe';
import { padSequences } from 'lethe/data';
import type { EncoderDecoder, Module } from 'lethe/nn';
import { batchTensors, evalMode } from 'lethe/train';
import type { BatchTensors } from 'lethe/train';

import { ALIGNMENT_LEGEND, alignmentText } from './alignment';
import { pairBatches, vocabularies } from './model';
import type { PairBatch, PairMeta } from './model';
import type { Pair } from './pairs';

/** Sequences that are read and written side by side. */
const BATCH = 128;

/**
 * e to the mean loss of a token of the targets, their ends included.
 *
 * @param loss of a batch, the mean over its labels.
 */
export async function pairPerplexity(
  model: Module,
  pairs: readonly Pair[],
  meta: PairMeta,
  loss: (batch: BatchTensors<PairBatch>) => Tensor,
): Promise<number> {
  const [{ device }] = model.parameters();
  const batches = pairBatches(pairs, meta, { batchSize: BATCH, shuffle: false });
  let [nats, count] = [0, 0];
  for (let i = 0; i < batches.perEpoch; i++) {
    const batch = batches.batch(0, i);
    const counted = Array.from(batch.labels.data).filter((label) => label >= 0).length;
    const mean = noGrad(() => scope(() => loss(batchTensors(device, batch))));
    nats += counted * (await mean.item());
    mean.dispose();
    count += counted;
  }
  return Math.exp(nats / count);
}

/** What a model made of a source. */
export interface Written {
  readonly tokens: readonly string[];
  /** Where it looked at each of them: a number for each token of the source. */
  readonly weights: readonly ArrayLike<number>[];
  /** False where it found no end, and was cut off. */
  readonly finished: boolean;
}

/** The tokens as a line, which tells where no end was found. */
export function line({ tokens, finished }: Written, between: string): string {
  return tokens.join(between) + (finished ? '' : ' … (cut off: it found no end; train it longer)');
}

/** What a model with attention makes of characters, and below it where it looked. */
export async function aligned(
  model: EncoderDecoder,
  source: readonly string[],
  meta: PairMeta,
): Promise<string> {
  const [written] = await write(model, [source], meta);
  const matrix = alignmentText(source, written.tokens, written.weights);
  return [line(written, ''), matrix, ALIGNMENT_LEGEND].join('\n\n');
}

/**
 * What a model makes of each source.
 *
 * @param width hypotheses of beam search; 1 takes the likeliest token at each step.
 */
export async function write(
  model: EncoderDecoder,
  sources: readonly (readonly string[])[],
  meta: PairMeta,
  width = 1,
): Promise<Written[]> {
  const { source, target } = vocabularies(meta);
  const [{ device }] = model.parameters();
  const written = new Array<Written>(sources.length);
  const byLength = Array.from(sources.keys()).sort((a, b) => sources[a].length - sources[b].length);
  for (let start = 0; start < byLength.length; start += BATCH) {
    const members = byLength.slice(start, start + BATCH);
    const rows = members.map((member) => source.encode(sources[member]));
    const { ids, lengths, mask } = batchTensors(device, {
      ...padSequences(rows, { padding: source.pad }),
    });
    const found = await model.generate(ids, {
      lengths,
      mask,
      begin: target.bos,
      end: target.eos,
      maxLength: meta.maxLength,
      width,
    });
    for (const [i, member] of members.entries()) {
      const { ids, weights = [], finished } = found[i];
      written[member] = { tokens: ids.map((id) => target.token(id)), weights, finished };
    }
    for (const used of [ids, lengths, mask]) used.dispose();
  }
  return written;
}

/**
 * How sure a model was of what it wrote by `write` of width 1: probabilities, the highest at each step. A wider search
 * may have written other tokens than the likeliest.
 *
 * @returns [tokens + 1], the last that of the end; [tokens] where it found none.
 */
export async function certainties(
  model: EncoderDecoder,
  source: readonly string[],
  { tokens, finished }: Pick<Written, 'tokens' | 'finished'>,
  meta: PairMeta,
): Promise<number[]> {
  const known = vocabularies(meta);
  const [{ device }] = model.parameters();
  const column = (ids: readonly number[]): Tensor =>
    tensor(device, ids, [ids.length, 1], { dtype: 'i32' });
  const likeliest = evalMode(model, () => {
    const given = column(known.target.encode(tokens, { bos: true }));
    const { logits } = model.forward(column(known.source.encode(source)), given);
    return amax(softmax(logits, 2), { dim: 2 });
  });
  const values = Array.from(await likeliest.data());
  likeliest.dispose();
  return finished ? values : values.slice(0, tokens.length);
}
