import { linearCrossEntropy, reshape, scope } from 'lethe';
import type { Device, Generator, Random, Tensor } from 'lethe';
import { Decoder, Module } from 'lethe/nn';
import type { EncoderDecoder } from 'lethe/nn';
import type { BatchTensors } from 'lethe/train';

import { pairLoss, pairModel, vocabularies } from '../pairs/model';
import type { PairBatch, PairMeta } from '../pairs/model';

/**
 * Two networks that learn side by side: one reads what was said and answers, the other writes answers
 * without having heard anything, and is otherwise the same decoder. What the first is better by is what it
 * takes from the turn before.
 */
export class Dialogue extends Module {
  readonly answering: EncoderDecoder;
  readonly deaf: Decoder;

  constructor(device: Device, meta: PairMeta, options: { random: Random; generator: Generator }) {
    super();
    const { cell, embedding, hidden, dropout } = meta.sizes;
    const { size } = vocabularies(meta).target;
    this.answering = pairModel(device, meta, options);
    this.deaf = new Decoder(device, size, embedding, hidden, { cell, dropout, ...options });
  }

  /** Mean cross-entropy of the answer's words, given what was said. */
  answeringLoss(batch: BatchTensors<PairBatch>): Tensor {
    return pairLoss(this.answering, batch);
  }

  /** The same without it. */
  deafLoss({ target, labels }: BatchTensors<PairBatch>): Tensor {
    return scope(() => {
      const { features } = this.deaf.features(target);
      const { weight, bias } = this.deaf.out;
      const rows = reshape(features, [labels.size, features.shape[2]]);
      return linearCrossEntropy(rows, weight, bias, reshape(labels, [labels.size]));
    });
  }
}
