import { backward } from '../autograd/backward';
import type { NumberArray } from '../backend/dtype';
import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import { checkIds } from '../ops/common';
import { crossEntropy } from '../ops/loss';
import { stack, unbind } from '../ops/movement';
import { add } from '../ops/pointwise';
import { clipGradNorm } from '../optim/clip';
import { dispose, scope } from '../tensor/scope';
import { tensor, zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { windowTensors } from '../train/char_model';
import type { CharModel } from '../train/char_model';
import { checkNoGradient, checkParts, checkWindow } from './check';
import type { CharParts, TextWindow } from './check';
import { withoutGradients } from './without_gradients';

/** How far the gradient of one loss reaches back. */
export interface GradientFlow {
  /** Mean cross-entropy of the last character, in nats. */
  readonly loss: number;
  /**
   * By name of the state's part (`h`, and `c` of an LSTM), then by layer, the lowest first: the norm
   * for lags 0, 1, ..., seq - 1, in nats per unit of the state.
   */
  readonly norms: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/**
 * The norm of dL/dh(T - k) for every lag k. L is the cross-entropy at the last step T alone, h the
 * hidden state of a layer; the norm is the root mean square over the windows. The layers are unrolled
 * by their cells' `step` from a state of zeros, without dropout, and a leaf of zeros is added to the
 * state at each step: its gradient is the one looked for.
 *
 * A derivative by one part of the state holds the others fixed: that by h of an LSTM leaves out what
 * c carries past it, and at lag 0, c reaches no loss but through h.
 *
 * Nothing is left behind, no gradient either.
 *
 * Source: Bengio, Simard and Frasconi (1994); Pascanu, Mikolov and Bengio (2013).
 *
 * @param window ids, `seq` of each of `batch` windows, time-major.
 * @throws ArgumentError for a window without a step, or a model without one of the three parts, or with a
 *   bidirectional layer; ShapeError when the ids do not fill it.
 * @throws IndexError with the position of an id that the model does not know.
 * @example
 * ```ts
 * import { openDevice, Random } from 'lethe';
 * import { gradientFlow } from 'lethe/inspect';
 * import { Embedding, Linear, RNN } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const random = new Random(1);
 * const embedding = new Embedding(device, 5, 8, { random });
 * const rnn = new RNN(device, 8, 16, { random });
 * const decoder = new Linear(device, 16, 5, { random });
 *
 * const [inputs, targets] = [Int32Array.of(0, 1, 2, 3), Int32Array.of(1, 2, 3, 4)];
 * const window = { inputs, targets, seq: 4, batch: 1 };
 * const { norms } = await gradientFlow({ embedding, rnn, decoder }, window);
 * console.log(norms.h[0].map((norm) => norm.toFixed(3)).join(' ')); // 0.515 0.245 0.159 0.061
 * ```
 */
export async function gradientFlow(model: CharParts, window: TextWindow): Promise<GradientFlow> {
  const { seq, batch } = window;
  checkParts('gradientFlow', model);
  checkWindow('gradientFlow', window);
  const { embedding, rnn, decoder } = model;
  const { loss, nudges } = scope(() => {
    const { device } = decoder.weight;
    const ids = tensor(device, window.inputs, [seq, batch], { dtype: 'i32' });
    const targets = tensor(device, window.targets.slice(-batch), [batch], { dtype: 'i32' });
    checkIds('gradientFlow', 'targets', targets, decoder.weight.shape[0]);
    return withoutGradients([embedding, rnn, decoder], () => {
      const nudges = rnn.cells.map((cell) =>
        cell.stateSizes.map((size) =>
          zeros(device, [seq, batch, size], { dtype: cell.dtype, requiresGrad: true }),
        ),
      );
      const last = unroll(rnn, embedding.forward(ids), nudges);
      const loss = crossEntropy(decoder.forward(last), targets, { reduction: 'sum' });
      backward(loss);
      return { loss, nudges };
    });
  });
  try {
    const [total, ...layers] = await Promise.all([
      loss.item(),
      ...nudges.map((parts) => Promise.all(parts.map(readGradient))),
    ]);
    const normsOf = (part: number) =>
      layers.map((parts) => {
        const gradient = parts[part];
        return gradient ? byLag(gradient, seq, batch) : Array<number>(seq).fill(0);
      });
    return {
      loss: total / batch,
      norms: Object.fromEntries(rnn.stateNames.map((name, part) => [name, normsOf(part)])),
    };
  } finally {
    loss.dispose();
    // With a leaf goes its gradient.
    for (const nudge of nudges.flat()) nudge.dispose();
  }
}

/** The output of the top layer at the last step; `nudges` by layer and part, [seq, batch, size]. */
function unroll(
  rnn: CharModel['rnn'],
  sequence: Tensor,
  nudges: readonly (readonly Tensor[])[],
): Tensor {
  let x = sequence;
  let last = sequence;
  for (const [layer, cell] of rnn.cells.entries()) {
    const added = nudges[layer].map((nudge) => unbind(nudge));
    const shared = cell.shared();
    let state = cell.zeroState(x.shape[1]);
    const outputs = unbind(cell.project(x)).map((gx, t) => {
      state = cell.step(gx, state, shared).map((part, i) => add(part, added[i][t]));
      return state[0];
    });
    last = outputs.at(-1)!;
    if (layer < rnn.numLayers - 1) x = stack(outputs);
  }
  return last;
}

/** What a leaf got; nothing where no way leads to it. */
async function readGradient({ grad }: Tensor): Promise<NumberArray | undefined> {
  return grad?.data();
}

/** Norms of a gradient of [seq, batch, size], the last step first. */
function byLag(gradient: ArrayLike<number>, seq: number, batch: number): number[] {
  const width = gradient.length / seq;
  return Array.from({ length: seq }, (_, lag) => {
    const begin = (seq - 1 - lag) * width;
    let sum = 0;
    for (let i = begin; i < begin + width; i++) sum += gradient[i] ** 2;
    return Math.sqrt(sum / batch);
  });
}

/** The gradient of a training step, and what clipping leaves of it. */
export interface StepGradient {
  /** Mean cross-entropy over all characters, in nats. */
  readonly loss: number;
  /** Norm over all parameters; infinite where an element is NaN or infinite. */
  readonly before: number;
  /** Norm over all parameters once the gradients are clipped. */
  readonly after: number;
}

/**
 * The gradient norm of a training step on `window`, all its losses together, from a state of zeros:
 * before and after `clipGradNorm`. Nothing is updated, and no gradient is left.
 *
 * @throws ArgumentError unless maxNorm > 0 (Infinity for no limit), for a window without a step, or
 *   when a parameter has a gradient already, which this one would be added to.
 */
export async function stepGradient(
  model: CharModel,
  window: TextWindow,
  maxNorm: number,
): Promise<StepGradient> {
  checkWindow('stepGradient', window);
  if (!(maxNorm > 0)) {
    throw new ArgumentError(
      `stepGradient: maxNorm = ${describeValue(maxNorm)}; a number above 0 is needed`,
    );
  }
  checkNoGradient('stepGradient', model.namedParameters());
  const { seq, batch } = window;
  const parameters = model.parameters();
  try {
    const values = scope(() => {
      const tensors = windowTensors(parameters[0].device, batch, seq, { ...window, first: true });
      const { loss } = model.loss(tensors, model.zeroState(batch));
      backward(loss);
      const before = clipGradNorm(parameters, maxNorm);
      return [loss, before, clipGradNorm(parameters, Infinity)];
    });
    try {
      const [loss, before, after] = await Promise.all(values.map((value) => value.item()));
      return { loss, before, after };
    } finally {
      dispose(values);
    }
  } finally {
    model.zeroGrad();
  }
}
