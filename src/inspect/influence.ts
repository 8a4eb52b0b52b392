import { backward } from '../autograd/backward';
import { ArgumentError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { crossEntropy } from '../ops/loss';
import { reshape, slice } from '../ops/movement';
import { dispose, scope } from '../tensor/scope';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { CharModel } from '../train/char_model';
import { inEvaluation } from '../train/eval_mode';
import { readPrime } from '../train/prime';
import { checkKnown } from './check';
import { withoutGradients } from './without_gradients';

/** What `characterInfluence` takes. */
export interface InfluenceOptions {
  /** Characters before it that are looked at, at most; 200 when left out. */
  reach?: number;
}

const INFLUENCE_OPTIONS: OptionNames<InfluenceOptions> = { reach: true };

/** How much the characters before it mattered to the prediction of one character. */
export interface Influence {
  /** ln of the probability that the character had. */
  readonly logProbability: number;
  /** The first character that was looked at. */
  readonly from: number;
  /** [position - from] The norm of the gradient by the input of each, in nats per unit of the input. */
  readonly norms: Float32Array<ArrayBuffer>;
}

/**
 * Which characters mattered to the prediction of the one at `position`: for each of the `reach` before
 * it the norm of d ln p / dx, where p is the probability of the character and x the vector that stands
 * for the earlier one (its row of the embedding, or a one-hot vector). What stands before those is read
 * too, and the state that it leaves is held fixed. One backward pass over the passage, without dropout.
 *
 * Nothing is left behind, no gradient either. `model` must not change meanwhile.
 *
 * @param ids [n] The text, up to that character at least. It is read from a state of zeros.
 * @param position from 1: a first character has none before it.
 * @throws ArgumentError for a position or a reach out of range.
 * @throws IndexError with the position of an id that the model does not know.
 */
export async function characterInfluence(
  model: CharModel,
  ids: ArrayLike<number>,
  position: number,
  options: InfluenceOptions = {},
): Promise<Influence> {
  checkOptions('characterInfluence', options, INFLUENCE_OPTIONS);
  const { reach = 200 } = options;
  requireWithin('position', position, ids.length - 1);
  requireWithin('reach', reach, Infinity);
  const read = Int32Array.from({ length: position + 1 }, (_, t) => ids[t]);
  checkKnown('characterInfluence', read, model.decoder.weight.shape[0]);
  const from = Math.max(0, position - reach);
  const zero = model.zeroState(1);
  const before = await readPrime(model, read.subarray(0, from), zero);
  const { inputs, loss } = await inEvaluation(model, () =>
    Promise.resolve(backThrough(model, read.subarray(from), before)),
  ).finally(() => dispose([zero, before]));
  try {
    const [nats, gradient] = await Promise.all([loss.item(), inputs.grad!.data()]);
    const [count, , width] = inputs.shape;
    const norms = new Float32Array(count);
    for (let i = 0; i < gradient.length; i++) norms[Math.floor(i / width)] += gradient[i] ** 2;
    return { logProbability: -nats, from, norms: norms.map(Math.sqrt) };
  } finally {
    dispose([inputs, loss]);
  }
}

/** The loss of the last of some ids, and the inputs [time, 1, width] of the others, with their gradient. */
function backThrough(
  model: CharModel,
  ids: Int32Array,
  state: readonly Tensor[],
): { inputs: Tensor; loss: Tensor } {
  const { embedding, rnn, decoder } = model;
  const { device } = decoder.weight;
  return scope(() =>
    withoutGradients([model], () => {
      const read = tensor(device, ids.subarray(0, -1), [ids.length - 1, 1], { dtype: 'i32' });
      const target = tensor(device, ids.subarray(-1), [1], { dtype: 'i32' });
      const inputs = embedding.forward(read);
      inputs.requiresGrad = true;
      const { output } = rnn.run(inputs, state);
      const last = reshape(slice(output, 0, { start: -1 }), [1, -1]);
      const loss = crossEntropy(decoder.forward(last), target);
      backward(loss);
      return { inputs, loss };
    }),
  );
}

/** @throws ArgumentError unless `value` is an integer from 1 to `most`. */
function requireWithin(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  const range = most === Infinity ? 'from 1' : `from 1 to ${most}`;
  throw new ArgumentError(
    `characterInfluence: ${name} = ${describeValue(value)}; an integer ${range} is needed`,
  );
}
