/**
 * A picture to a caption: an encoder of patches, whose vector is the first state of a decoder of words, which
 * looks at the patches as well (Xu et al., "Show, attend and tell", 2015).
 */
import {
  add,
  dispose,
  linearCrossEntropy,
  mul,
  noGrad,
  permute,
  reshape,
  scope,
  sub,
  tanh,
  tensor,
} from 'lethe';
import type { Device, Random, Tensor } from 'lethe';
import { fixedBatches, hostArray, padTargets } from 'lethe/data';
import type { Batches, HostArray, TokenVocabulary } from 'lethe/data';
import { beamSearch, Decoder, greedy, Linear, MLP, Module, normal, parameter } from 'lethe/nn';
import type { AttentionMemory, Hypothesis } from 'lethe/nn';

import { PIXELS, SIDE } from './shapes';
import type { Picture } from './shapes';

/** Patches are PATCH x PATCH pixels, ACROSS of them in each direction. */
const PATCH = 8;
const ACROSS = SIDE / PATCH;
const PATCH_UNITS = 128;
const OF_PATCH = 32;
const HIDDEN = 128;
/** Pictures that are described at once. */
const AT_ONCE = 100;

export type CaptionBatch = {
  /** [batch, PIXELS] */
  readonly pixels: HostArray;
  /** Words that are given, from `<bos>` on, and the word after each, both [time, batch]. */
  readonly words: HostArray;
  readonly labels: HostArray;
};

export const wordsOf = (caption: string): string[] => caption.split(' ');

export class Captioner extends Module {
  readonly patches: MLP;
  /** Added to a patch by where it is, [patches, OF_PATCH]. */
  readonly places: Tensor;
  readonly join: Linear;
  readonly decoder: Decoder;

  constructor(
    readonly device: Device,
    words: number,
    random: Random,
  ) {
    super();
    this.patches = new MLP(device, [3 * PATCH * PATCH, PATCH_UNITS, OF_PATCH], { random });
    const shape = [ACROSS * ACROSS, OF_PATCH];
    this.places = parameter(device, shape, normal(shape, 0.2, random));
    this.join = new Linear(device, ACROSS * ACROSS * OF_PATCH, HIDDEN, { random });
    this.decoder = new Decoder(device, words, 32, HIDDEN, {
      attention: 'general',
      keySize: OF_PATCH,
      random,
    });
  }

  /** pixels of [batch, PIXELS] to the decoder's first state, [1, batch, HIDDEN], and what it looks at. */
  encode(pixels: Tensor): { state: Tensor; memory: AttentionMemory } {
    const [batch] = pixels.shape;
    const rows = reshape(pixels, [batch, ACROSS, PATCH, ACROSS, 3 * PATCH]);
    const patches = reshape(permute(rows, [0, 1, 3, 2, 4]), [batch, ACROSS * ACROSS, -1]);
    // About the ground, to a deviation of about 1.
    const seen = add(this.patches.forward(mul(sub(patches, 0.2), 2)), this.places);
    const joined = tanh(this.join.forward(reshape(seen, [batch, -1])));
    const memory = this.decoder.attention!.project(permute(seen, [1, 0, 2]));
    return { state: reshape(joined, [1, batch, HIDDEN]), memory };
  }

  /** The mean surprise, in nats per word, where each word is given those before it (teacher forcing). */
  loss({ pixels, words, labels }: Record<keyof CaptionBatch, Tensor>): Tensor {
    const { state, memory } = this.encode(pixels);
    const { features } = this.decoder.features(words, [state], { memory });
    const { weight, bias } = this.decoder.out;
    const rows = reshape(features, [labels.size, HIDDEN]);
    return linearCrossEntropy(rows, weight, bias, reshape(labels, [labels.size]));
  }

  /** The caption of each picture, the likeliest word at each step. */
  async describe(
    pictures: readonly Pick<Picture, 'pixels'>[],
    vocabulary: TokenVocabulary,
    maxLength: number,
  ): Promise<string[]> {
    const captions: string[] = [];
    for (let i = 0; i < pictures.length; i += AT_ONCE) {
      const some = pictures.slice(i, i + AT_ONCE);
      const found = await this.#decode(some, vocabulary, (step, state, begin) =>
        greedy(step, state, { begin, end: vocabulary.eos, maxLength }),
      );
      captions.push(...found.map(({ ids }) => vocabulary.decode(ids).join(' ')));
    }
    return captions;
  }

  /**
   * The caption of a picture word by word, and how much of each word's look went to each patch, row by row; `finished`
   * is false where it found no end.
   */
  async told(
    picture: Pick<Picture, 'pixels'>,
    vocabulary: TokenVocabulary,
    maxLength: number,
  ): Promise<{ words: { word: string; looks: number[] }[]; finished: boolean }> {
    const [{ ids, finished, weights = [] }] = await this.#decode(
      [picture],
      vocabulary,
      (step, state, begin) => greedy(step, state, { begin, end: vocabulary.eos, maxLength }),
    );
    const words = ids.map((id, i) => ({
      word: vocabulary.token(id),
      looks: Array.from(weights[i]),
    }));
    return { words, finished };
  }

  /** The likeliest captions of a picture, the best first, and how likely each is. */
  async choices(
    picture: Pick<Picture, 'pixels'>,
    vocabulary: TokenVocabulary,
    maxLength: number,
  ): Promise<{ caption: string; probability: number }[]> {
    const options = { end: vocabulary.eos, maxLength, width: 5 };
    const [found] = await this.#decode([picture], vocabulary, (step, state, begin) =>
      beamSearch(step, state, { begin, ...options }),
    );
    return found.map(({ ids, logProbability }: Hypothesis) => ({
      caption: vocabulary.decode(ids).join(' '),
      probability: Math.exp(logProbability),
    }));
  }

  async #decode<T>(
    pictures: readonly Pick<Picture, 'pixels'>[],
    vocabulary: TokenVocabulary,
    search: (
      step: (ids: Tensor, state: readonly Tensor[]) => ReturnType<Decoder['step']>,
      state: readonly Tensor[],
      begin: readonly number[],
    ) => Promise<T[]>,
  ): Promise<T[]> {
    const { data, shape } = pixelsOf(pictures);
    const { state, memory } = noGrad(() =>
      scope(() => this.encode(tensor(this.device, data, shape))),
    );
    try {
      const begin = pictures.map(() => vocabulary.bos);
      return await search((ids, before) => this.decoder.step(ids, before, memory), [state], begin);
    } finally {
      dispose([state, memory]);
    }
  }
}

export function captionBatches(
  pictures: readonly Picture[],
  vocabulary: TokenVocabulary,
  seed: number,
): Batches<CaptionBatch> {
  const longest =
    pictures.reduce((most, { caption }) => Math.max(most, wordsOf(caption).length), 0) + 1;
  return fixedBatches(pictures, {
    batchSize: Math.min(64, pictures.length),
    seed,
    dropLast: true,
    collate(some) {
      const { bos: begin, eos: end, pad: padding } = vocabulary;
      const { target, labels } = padTargets(
        some.map(({ caption }) => vocabulary.encode(wordsOf(caption))),
        { begin, end, padding, time: longest },
      );
      return { pixels: pixelsOf(some), words: target, labels };
    },
  });
}

function pixelsOf(pictures: readonly Pick<Picture, 'pixels'>[]): HostArray {
  const all = new Float32Array(pictures.length * PIXELS);
  pictures.forEach(({ pixels }, i) => all.set(pixels, i * PIXELS));
  return hostArray(all, 'f32', [pictures.length, PIXELS]);
}
