import { ArgumentError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { dispose } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { checkSizes } from './check';
import { Decoding, DECODING, notANumber } from './decoding';
import type { DecodingFunction, DecodingOptions, Hypothesis } from './decoding';

/** What `beamSearch` takes. */
export interface BeamSearchOptions extends DecodingOptions {
  /** Hypotheses kept for each sequence: 5 when left out. 1 is `greedy`. */
  width?: number;
  /** Of the length normalisation, from 0, which is none: 0.6 when left out. Larger ones favour long sequences. */
  alpha?: number;
}

const BEAM_SEARCH: OptionNames<BeamSearchOptions> = { ...DECODING, width: true, alpha: true };

/** The end of a hypothesis under way; those before it follow from `before`. */
interface Node {
  readonly before: Node | undefined;
  readonly id: number;
  /** Number of ids. */
  readonly length: number;
  /** The row of the step that wrote the id: its state, and its weights. */
  readonly row: number;
  readonly logProbability: number;
}

/**
 * Beam search: at each step, the likeliest continuations of what is in the beam. One that ends leaves the
 * beam, which is narrower by one from then on (Sutskever et al., 2014). Of what ended, the best is that of
 * the highest log-probability divided by
 *
 *     lp(length) = ((5 + length) / 6)^alpha       (Wu et al., 2016, equation 14)
 *
 * where the length counts the end. A sequence is done when `width` hypotheses have ended, or none under way
 * can overtake the best one that has, since a log-probability only falls. The device is read once a step,
 * for all log-probabilities: [n, ids].
 *
 * The step is given n = B rows at first, and n = width B from then on: row j B + b is hypothesis j of
 * sequence b.
 *
 * @param state before the first step, tensors of [..., B, width]; it stays as it is.
 * @returns for each sequence its hypotheses, the best first; those that were cut off come last.
 * @throws ArgumentError or ShapeError for what does not fit, NonFiniteError where no logit is finite.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { beamSearch, Decoder } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const decoder = new Decoder(device, 20, 8, 16).eval();
 * const options = { begin: [1], end: 2, maxLength: 5, width: 3 };
 * const [found] = await beamSearch(decoder.step.bind(decoder), decoder.rnn.zeroState(1), options);
 * console.log(found[0].score >= found[1].score); // true
 * ```
 */
export async function beamSearch(
  step: DecodingFunction,
  state: readonly Tensor[],
  options: BeamSearchOptions,
): Promise<Hypothesis[][]> {
  checkOptions('beamSearch', options, BEAM_SEARCH);
  const { width = 5, alpha = 0.6, ...rest } = options;
  checkSizes('beamSearch', { width });
  if (!Number.isFinite(alpha) || alpha < 0) {
    throw new ArgumentError(
      `beamSearch: alpha = ${describeValue(alpha)}; a finite number from 0 is needed`,
    );
  }
  const decoding = new Decoding('beamSearch', step, state, rest);
  const { begin, end, maxLength } = rest;
  const batch = begin.length;
  const penalty = (length: number): number => ((5 + length) / 6) ** alpha;
  const scoreOf = ({ logProbability, length }: Node): number => logProbability / penalty(length);
  const beams = begin.map((id, row): Node[] => [
    { before: undefined, id, length: 0, row, logProbability: 0 },
  ]);
  const ended = begin.map((): Node[] => []);
  /** None under way can overtake: at best it goes on at no cost, for as long as it may. */
  const isDone = (b: number): boolean => {
    const [best] = beams[b];
    if (!best || ended[b].length === 0) return !best;
    return Math.max(...ended[b].map(scoreOf)) >= best.logProbability / penalty(maxLength);
  };
  let ids = decoding.first();
  try {
    for (let t = 0; t < maxLength && beams.some((beam) => beam.length > 0); t++) {
      if (t > 0) {
        const slots = Array.from({ length: width * batch }, (_, i) => {
          return beams[i % batch].at(Math.floor(i / batch));
        });
        // Of a hypothesis that is none, any row will do.
        decoding.arrange(slots.map((node, i) => node?.row ?? i % batch));
        ids = decoding.ids(slots.map((node) => node?.id ?? end));
      }
      const { logProbabilities } = decoding.advance(ids);
      const values = await logProbabilities.data().finally(() => dispose([ids, logProbabilities]));
      const vocabulary = logProbabilities.shape[1];
      for (const [b, beam] of beams.entries()) {
        if (beam.length === 0) continue;
        const rows = beam.map((_, j) => j * batch + b);
        const best = likeliest(values, vocabulary, beam, rows, width - ended[b].length);
        if (best.length === 0 && ended[b].length === 0) throw notANumber('beamSearch', b);
        ended[b].push(...best.filter(({ id }) => id === end));
        beams[b] = best.filter(({ id }) => id !== end);
        if (isDone(b)) beams[b] = [];
      }
    }
    const weights = await decoding.attention();
    return begin.map((_, b) =>
      [ended[b], beams[b]].flatMap((nodes) =>
        [...nodes]
          .sort((one, other) => scoreOf(other) - scoreOf(one))
          .map((node): Hypothesis => {
            const path = pathOf(node);
            const finished = node.id === end;
            const written = finished ? path.slice(0, -1) : path;
            return {
              ids: written.map(({ id }) => id),
              finished,
              logProbability: node.logProbability,
              score: scoreOf(node),
              weights: weights && written.map(({ row }, t) => weights(t, row)),
            };
          }),
      ),
    );
  } finally {
    ids.dispose();
    decoding.dispose();
  }
}

/** The `count` likeliest continuations of a beam, the best first; of equals the first. */
function likeliest(
  logProbabilities: ArrayLike<number>,
  vocabulary: number,
  beam: readonly Node[],
  rows: readonly number[],
  count: number,
): Node[] {
  const best: Node[] = [];
  for (const [j, before] of beam.entries()) {
    const row = rows[j];
    for (let id = 0; id < vocabulary; id++) {
      const logProbability = before.logProbability + logProbabilities[row * vocabulary + id];
      const least = best.length < count ? -Infinity : best[count - 1].logProbability;
      if (!(logProbability > least)) continue;
      const place = best.findIndex((other) => logProbability > other.logProbability);
      const node = { before, id, length: before.length + 1, row, logProbability };
      best.splice(place === -1 ? best.length : place, 0, node);
      if (best.length > count) best.pop();
    }
  }
  return best;
}

/** From the first id that was written to the last. */
function pathOf(last: Node): Node[] {
  const path: Node[] = [];
  for (let node: Node | undefined = last; node?.before; node = node.before) path.unshift(node);
  return path;
}
