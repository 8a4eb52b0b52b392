import { noGrad, record } from '../autograd/graph';
import { gruSequence as gruKernel, gruSequenceGradient } from '../kernels/gru_sequence';
import { lstmSequence as lstmKernel, lstmSequenceGradient } from '../kernels/lstm_sequence';
import { NONLINEARITIES } from '../kernels/rnn_activation';
import type { Nonlinearity } from '../kernels/rnn_activation';
import { rnnSequence as rnnKernel, rnnSequenceGradient } from '../kernels/rnn_sequence';
import { sweepParams } from '../kernels/sweep';
import { checkOptions } from '../options';
import { scope } from '../tensor/scope';
import { checkTensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { checkNonlinearity, emptyLike, fullLike, run, zerosLike } from './common';
import { cat, reshape, slice } from './movement';
import { add } from './pointwise';
import { sum } from './reduce';
import { carried, inputGradients, recurrentGradient } from './sequence_gradient';
import {
  check,
  highestOf,
  inputsOf,
  lastOf,
  layersOf,
  project,
  surroundings,
  sweptWeights,
} from './sequence_layer';
import type { SequenceInput } from './scan_input';
import type { LayerWeights, SequenceWeights } from './sequence_layer';

export type { EmbeddingInput, SequenceInput } from './scan_input';
export type { LayerWeights, SequenceWeights } from './sequence_layer';

// A sweep over time as one graph node: the input is projected by one matmul, then swept in place (the
// kernels have the equations); backward sweeps the saved gates into their gradients, in place again,
// and makes every weight's gradient by one matmul over all time steps at once. Of several layers all
// are swept together, as a wavefront: the layers above the first take their input step by step.

/**
 * An LSTM over a sequence, its gates in PyTorch's order i, f, g, o: a layer, with h0 and c0 of
 * [batch, hidden], or a stack of layers, with h0 and c0 of [layers, batch, hidden], as a wavefront in
 * which layer l makes step t beside layer l - 1 making a later one. The same numbers as its cell, step
 * by step. It saves 6 hidden floats for each step of each sequence and layer: four gates, c and y. The
 * y of a stack is a copy of its highest layer's. A stack is for WebGPU: the CPU goes through it by its
 * plain reference.
 *
 * Source: Hochreiter and Schmidhuber (1997), Gers et al. (2000); the order of work follows
 * Appleyard et al. (2016).
 *
 * @returns y of [time, batch, hidden], and the last h and c, in the shape of h0.
 * @throws ArgumentError, ShapeError, DTypeError, DeviceError, OutOfMemoryError or IndexError naming
 *   the argument; no kernel has run then.
 */
export function lstmSequence(
  input: SequenceInput,
  weights: SequenceWeights,
  h0: Tensor,
  c0: Tensor,
): [Tensor, Tensor, Tensor] {
  checkTensor('lstmSequence', 'h0', h0);
  const sizes = check('lstmSequence', 4, input, weights, { h0, c0 });
  const layers = layersOf(weights);
  const { time, hidden } = sizes;
  const sweep = sweepParams(sizes);
  return scope(() => {
    const gates = project(input, layers, (biases) => add(...biases));
    const c = emptyLike(gates, [...gates.shape.slice(0, -1), hidden]);
    const states = emptyLike(c);
    run(lstmKernel, { weight: sweptWeights(layers), h0, c0, gates, c, y: states }, sweep);
    const y = highestOf(states);
    const [hn, cn] = [lastOf(states, h0.shape), lastOf(c, c0.shape)];
    record({
      name: 'lstmSequence',
      inputs: [...inputsOf(input, layers), h0, c0],
      outputs: [y, hn, cn],
      savedForBackward: [...surroundings(input, layers), h0, c0, states],
      intermediates: [gates, c],
      vjp([dy, dhn, dcn], retainGraph) {
        const dgates = retainGraph ? slice(gates, 0) : gates;
        const [dh, dc] = [carried(dhn, h0), carried(dcn, c0)];
        run(
          lstmSequenceGradient,
          {
            ...{ weight: sweptWeights(layers), gates: dgates, c, c0 },
            ...{ dy: dy ?? zerosLike(y), dh, dc },
          },
          { ...sweep, end: h0.requiresGrad ? time + 1 : time },
        );
        const gradients = inputGradients(dgates, input, layers, states, (layer, weight) => {
          const dweight = emptyLike(weight);
          recurrentGradient(dweight, 0, dgates, 4 * hidden, h0, states, layer);
          return dweight;
        });
        return [...gradients, dh, dc];
      },
    });
    return [y, hn, cn];
  });
}

/**
 * A GRU over a sequence, its gates in PyTorch's order r, z, n, the reset gate after the matmul: a
 * layer, with h0 of [batch, hidden], or a stack of layers as a wavefront, with h0 of
 * [layers, batch, hidden]. The same numbers as its cell, step by step. It saves 5 hidden floats for
 * each step of each sequence and layer: three gates, what the reset gate multiplies, and y. The y of
 * a stack is a copy of its highest layer's.
 *
 * Source: Cho et al. (2014), in the form of cuDNN and PyTorch.
 *
 * @returns y of [time, batch, hidden], and the last h, in the shape of h0.
 * @throws as `lstmSequence`.
 */
export function gruSequence(
  input: SequenceInput,
  weights: SequenceWeights,
  h0: Tensor,
): [Tensor, Tensor] {
  checkTensor('gruSequence', 'h0', h0);
  const sizes = check('gruSequence', 3, input, weights, { h0 });
  const layers = layersOf(weights);
  const { time, hidden } = sizes;
  const sweep = sweepParams(sizes);
  return scope(() => {
    const gates = project(input, layers, ([bias]) => bias);
    const ghn = emptyLike(gates, [...gates.shape.slice(0, -1), hidden]);
    const states = emptyLike(ghn);
    const bias = recurrentBiases(layers, h0);
    run(gruKernel, { weight: sweptWeights(layers), bias, h0, gates, ghn, y: states }, sweep);
    const y = highestOf(states);
    const hn = lastOf(states, h0.shape);
    record({
      name: 'gruSequence',
      inputs: [...inputsOf(input, layers), h0],
      outputs: [y, hn],
      savedForBackward: [...surroundings(input, layers), h0, states],
      intermediates: [gates, ghn],
      vjp([dy, dhn], retainGraph) {
        const [dgates, dghn] = retainGraph ? [slice(gates, 0), slice(ghn, 0)] : [gates, ghn];
        const dh = carried(dhn, h0);
        run(
          gruSequenceGradient,
          {
            ...{ weight: sweptWeights(layers), gates: dgates, ghn: dghn, y: states, h0 },
            ...{ dy: dy ?? zerosLike(y), dh },
          },
          { ...sweep, end: h0.requiresGrad ? time + 1 : time },
        );
        const dweightHh = (layer: number, weight: Tensor) => {
          const dweight = emptyLike(weight);
          recurrentGradient(dweight, 0, dgates, 2 * hidden, h0, states, layer);
          recurrentGradient(dweight, 2 * hidden, dghn, hidden, h0, states, layer);
          return dweight;
        };
        const own = layers[0].biases && sum(dghn, { dim: [-3, -2] });
        const dbiasHh = (layer: number, dbias: Tensor) => {
          const n =
            layers.length === 1
              ? own!
              : reshape(slice(own!, 0, { start: layer, end: layer + 1 }), [hidden]);
          return cat([slice(dbias, 0, { end: 2 * hidden }), n]);
        };
        return [...inputGradients(dgates, input, layers, states, dweightHh, dbiasHh), dh];
      },
    });
    return [y, hn];
  });
}

/** The biases of the recurrent products, a layer's behind another's; zeros where there are none. */
function recurrentBiases(layers: readonly LayerWeights[], h0: Tensor): Tensor {
  const biases = layers.flatMap(({ biases }) => (biases ? [biases[1]] : []));
  if (biases.length === 0) return fullLike(h0, [3 * layers.length * h0.shape.at(-1)!], 0);
  return layers.length === 1 ? biases[0] : noGrad(() => cat(biases));
}

/**
 * A vanilla recurrent network over a sequence, f being tanh, relu or sigmoid: a layer, with h0 of
 * [batch, hidden], or a stack of layers as a wavefront, with h0 of [layers, batch, hidden]. The same
 * numbers as its cell, step by step. It saves hidden floats for each step of each sequence and layer:
 * y. The y of a stack is a copy of its highest layer's.
 *
 * Source: Elman (1990).
 *
 * @returns y of [time, batch, hidden], and the last h, in the shape of h0.
 * @throws as `lstmSequence`.
 */
export function rnnSequence(
  input: SequenceInput,
  weights: SequenceWeights,
  h0: Tensor,
  options: { nonlinearity?: Nonlinearity } = {},
): [Tensor, Tensor] {
  checkTensor('rnnSequence', 'h0', h0);
  checkOptions('rnnSequence', options, { nonlinearity: true });
  const { nonlinearity = 'tanh' } = options;
  checkNonlinearity('rnnSequence', 'nonlinearity', nonlinearity);
  const sizes = check('rnnSequence', 1, input, weights, { h0 });
  const layers = layersOf(weights);
  const { time, hidden } = sizes;
  const code = NONLINEARITIES.indexOf(nonlinearity);
  const sweep = { ...sweepParams(sizes), nonlinearity: code };
  return scope(() => {
    const states = project(input, layers, (biases) => add(...biases));
    run(rnnKernel, { weight: sweptWeights(layers), h0, y: states }, sweep);
    const y = highestOf(states);
    const hn = lastOf(states, h0.shape);
    record({
      name: 'rnnSequence',
      inputs: [...inputsOf(input, layers), h0],
      outputs: [y, hn],
      savedForBackward: [...surroundings(input, layers), h0, states],
      vjp([dy, dhn]) {
        const dz = emptyLike(states);
        const dh = carried(dhn, h0);
        run(
          rnnSequenceGradient,
          { weight: sweptWeights(layers), y: states, dy: dy ?? zerosLike(y), dh, dz },
          { ...sweep, end: h0.requiresGrad ? time + 1 : time },
        );
        const gradients = inputGradients(dz, input, layers, states, (layer, weight) => {
          const dweight = emptyLike(weight);
          recurrentGradient(dweight, 0, dz, hidden, h0, states, layer);
          return dweight;
        });
        return [...gradients, dh];
      },
    });
    return [y, hn];
  });
}
