import { amax, argmax } from '../ops/reduce';
import { stack } from '../ops/movement';
import { checkOptions } from '../options';
import { dispose, scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { Decoding, DECODING, notANumber } from './decoding';
import type { DecodingFunction, DecodingOptions, Hypothesis } from './decoding';

/**
 * The likeliest id at each step. The device is read once a step, for the ids alone, and once at the end.
 *
 * @param state before the first step, tensors of [..., n, width]; it stays as it is.
 * @returns a hypothesis for each sequence.
 * @throws ArgumentError or ShapeError for what does not fit, NonFiniteError where logits are NaN.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { Decoder, greedy } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const decoder = new Decoder(device, 20, 8, 16).eval();
 * const step = decoder.step.bind(decoder); // or a function of your own
 * const first = decoder.rnn.zeroState(2); // or the state of an encoder
 * const found = await greedy(step, first, { begin: [1, 1], end: 2, maxLength: 5 });
 * console.log(found.length, found[0].ids.length <= 5); // 2 true
 * ```
 */
export async function greedy(
  step: DecodingFunction,
  state: readonly Tensor[],
  options: DecodingOptions,
): Promise<Hypothesis[]> {
  checkOptions('greedy', options, DECODING);
  const decoding = new Decoding('greedy', step, state, options);
  const { begin, end, maxLength } = options;
  const batch = begin.length;
  const rows: number[][] = begin.map(() => []);
  const ended = new Array<boolean>(batch).fill(false);
  const likelihoods: Tensor[] = [];
  let ids = decoding.first();
  try {
    while (likelihoods.length < maxLength && ended.includes(false)) {
      const { logProbabilities } = decoding.advance(ids);
      const [likeliest, likelihood] = scope(() => [
        argmax(logProbabilities, -1),
        amax(logProbabilities, { dim: -1 }),
      ]);
      dispose([ids, logProbabilities]);
      likelihoods.push(likelihood);
      ids = likeliest;
      for (const [i, id] of (await ids.data()).entries()) {
        if (ended[i]) continue;
        rows[i].push(id);
        ended[i] = id === end;
      }
    }
    const all = scope(() => stack(likelihoods));
    likelihoods.push(all);
    const [values, weights] = await Promise.all([all.data(), decoding.attention()]);
    return rows.map((row, i) => {
      const logProbability = row.reduce((sum, _, t) => sum + values[t * batch + i], 0);
      if (Number.isNaN(logProbability)) throw notANumber('greedy', i);
      const ids = ended[i] ? row.slice(0, -1) : row;
      return {
        ids,
        finished: ended[i],
        logProbability,
        score: logProbability,
        weights: weights && ids.map((_, t) => weights(t, i)),
      };
    });
  } finally {
    dispose([ids, likelihoods]);
    decoding.dispose();
  }
}
