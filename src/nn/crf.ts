import { ArgumentError, DTypeError, IndexError, ShapeError } from '../errors';
import { MAX_TAGS } from '../kernels/crf';
import { checkDevices, checkFloats, checkShapeIs } from '../ops/common';
import { crfLoss } from '../ops/crf';
import { checkLengthsTensor } from '../ops/lengths';
import { checkReduction } from '../ops/pointwise_loss';
import type { Reduction } from '../ops/pointwise_loss';
import { checkOptions } from '../options';
import type { Device } from '../tensor/device';
import { formatShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { checkParameters } from './check';
import { defaultRandom, INIT_OPTIONS, parameter, uniform } from './init';
import type { InitOptions } from './init';
import { Module } from './module';
import { viterbi } from './viterbi';

/** The best sequences of tags that `CRF.decode` found. */
export interface CRFDecoded {
  /** Of each sequence, as many as it has steps. */
  readonly tags: number[][];
  /** Of each, not normalised: what `CRF.loss` takes the score of a sequence to be. */
  readonly scores: number[];
}

/**
 * A linear-chain conditional random field (CRF): an output layer for tagging, with a loss and Viterbi decoding,
 * that scores whole sequences of tags from the emission scores of a network and learned scores of transitions:
 *
 *   score(y) = start_transitions[y_0] + sum of emission_t[y_t] + sum of transitions[y_t-1, y_t] +
 *     end_transitions[y_L-1],
 *   P(y) = exp(score(y)) / sum over all y' of exp(score(y')).
 *
 * Parameters have the names, shapes and first values (uniform within 0.1) of pytorch-crf: transitions
 * of [tags, tags] are [from, to], the two others are of [tags].
 *
 * Source: Lafferty, McCallum and Pereira (2001), over a recurrent network as in Lample et al. (2016).
 *
 * @example
 * ```ts
 * import { openDevice, tensor, zeros } from 'lethe';
 * import { CRF } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const crf = new CRF(device, 4);
 * const emissions = zeros(device, [3, 1, 4]); // of a network: [time, batch, tags]
 * const tags = tensor(device, [0, 1, 3], [3, 1], { dtype: 'i32' });
 * const lengths = tensor(device, [3], [1], { dtype: 'i32' });
 * const loss = crf.loss(emissions, tags, lengths);
 * const [best] = (await crf.decode(emissions, lengths)).tags;
 * console.log(loss.shape, best.length); // [] 3
 * ```
 */
export class CRF extends Module {
  /** [from, to] The score of each tag behind each other. */
  readonly transitions: Tensor;
  /** [tags] The score of each tag as the first. */
  readonly start_transitions: Tensor;
  /** [tags] The score of each tag as the last. */
  readonly end_transitions: Tensor;
  /** Tags, whose ids are 0 to numTags - 1. */
  readonly numTags: number;

  /** @throws ArgumentError unless `numTags` is an integer from 1 to 1,024. */
  constructor(device: Device, numTags: number, options: InitOptions = {}) {
    super();
    checkOptions('CRF', options, INIT_OPTIONS);
    const { random = defaultRandom(), dtype } = options;
    const shape = [numTags, numTags];
    checkParameters('CRF', device, dtype, { numTags }, { transitions: shape });
    if (numTags > MAX_TAGS) {
      throw new ArgumentError(`CRF: numTags = ${numTags}; at most ${MAX_TAGS} are possible`);
    }
    this.numTags = numTags;
    const scores = (shape: number[]): Tensor =>
      parameter(device, shape, uniform(shape, 0.1, random), dtype);
    this.transitions = scores(shape);
    this.start_transitions = scores([numTags]);
    this.end_transitions = scores([numTags]);
  }

  /**
   * The negative log-likelihood, in nats, of sequences of tags: emissions of [time, batch, tags], which
   * a network gives, tags (i32) of [time, batch], lengths (i32) of [batch]. What stands behind the end
   * of a sequence counts nothing. The forward-backward algorithm in logarithms, one node of the graph.
   *
   * @param options.reduction `mean` (if left out) is the mean over the sequences that have a step, not
   *   over steps; 0 where there is none. With `none` the result is [batch], 0 for a length of 0.
   * @throws ShapeError when the shapes do not belong together, or to `numTags`.
   * @throws IndexError for a tag or a length out of range, where the host knows them.
   */
  loss(
    emissions: Tensor,
    tags: Tensor,
    lengths: Tensor,
    options: { reduction?: Reduction } = {},
  ): Tensor {
    checkOptions('CRF.loss', options, { reduction: true });
    const { reduction = 'mean' } = options;
    checkReduction('CRF.loss', reduction);
    this.#check('CRF.loss', emissions, lengths);
    checkDevices('CRF.loss', { emissions, tags });
    checkShapeIs('CRF.loss', 'tags', tags, emissions.shape.slice(0, 2));
    this.#checkTags(tags, lengths);
    const { start_transitions: start, end_transitions: end, transitions } = this;
    return crfLoss(emissions, tags, lengths, { start, end, transitions }, reduction);
  }

  /**
   * The tags with the highest score, of emissions of [time, batch, tags] and lengths (i32) of [batch],
   * by the algorithm of Viterbi on the host; of equal scores the lowest tag.
   *
   * @throws ShapeError and IndexError as `loss`.
   */
  async decode(emissions: Tensor, lengths: Tensor): Promise<CRFDecoded> {
    this.#check('CRF.decode', emissions, lengths);
    const { start_transitions: start, end_transitions: end, transitions } = this;
    const values = [emissions, lengths, start, end, transitions].map((x) => x.data());
    const [time, batch, n] = emissions.shape;
    return viterbi(await Promise.all(values), time, batch, n);
  }

  #check(operation: string, emissions: Tensor, lengths: Tensor): void {
    const { transitions, numTags } = this;
    checkFloats(operation, { emissions, transitions });
    checkDevices(operation, { emissions, lengths });
    const [time, batch, n] = emissions.shape;
    if (emissions.shape.length !== 3 || n !== numTags) {
      throw new ShapeError(
        `${operation}: emissions have shape ${formatShape(emissions.shape)}; [time, batch, ` +
          `${numTags}] is needed`,
      );
    }
    checkLengthsTensor(operation, lengths, time, batch);
  }

  /** Looks at the tags that count, if the host knows them; in a recorded step at every replay. */
  #checkTags(tags: Tensor, lengths: Tensor): void {
    if (tags.dtype !== 'i32') {
      throw new DTypeError(
        `CRF.loss: tags is ${tags.dtype}; pass them as tensor(device, tags, shape, { dtype: 'i32' })`,
      );
    }
    const { numTags } = this;
    const { device, shape } = tags;
    const check = (): void => {
      const [ids, ends] = [tags.ids, lengths.ids];
      if (!ids || !ends) return;
      ids.forEach((tag, i) => {
        const [t, b] = [Math.floor(i / shape[1]), i % shape[1]];
        if (t >= ends[b] || (tag >= 0 && tag < numTags)) return;
        throw new IndexError(
          `CRF.loss: tags holds ${tag} at step ${t} of sequence ${b}, which has ${ends[b]} steps; ` +
            `tags run from 0 to ${numTags - 1}`,
        );
      });
    };
    check();
    device.notes?.checks.push(check);
  }
}
