import { noGrad, record } from '../autograd/graph';
import { gruSequence as gruKernel, gruSequenceGradient } from '../kernels/gru_sequence';
import { lstmSequence as lstmKernel, lstmSequenceGradient } from '../kernels/lstm_sequence';
import { NONLINEARITIES } from '../kernels/rnn_activation';
import type { Nonlinearity } from '../kernels/rnn_activation';
import { rnnSequence as rnnKernel, rnnSequenceGradient } from '../kernels/rnn_sequence';
import { sweepParams } from '../kernels/sweep';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { checkNonlinearity, emptyBeside, filledBeside, run, zerosBeside } from './common';
import { cat, slice } from './movement';
import { add } from './pointwise';
import { sum } from './reduce';
import {
  carried,
  check,
  lastOf,
  project,
  projectBack,
  recurrentGradient,
  sourceOf,
  surroundings,
} from './sequence_layer';
import type { LayerWeights, SequenceInput, Sizes } from './sequence_layer';
import { checkStorage, saveAll } from './storage';
import type { StorageFormat } from './storage';

export type { LayerWeights, Lookup, SequenceInput } from './sequence_layer';
export type { StorageFormat } from './storage';

// A layer's sweep over time as one graph node: the input is projected by one matmul, then swept in
// place (the kernels have the equations); backward sweeps the saved gates into their gradients, in
// place again, and makes every weight's gradient by one matmul over all time steps at once.

/**
 * An LSTM layer over a sequence, its gates in PyTorch's order i, f, g, o; h0 and c0 of
 * [batch, hidden]. The same numbers as its cell, step by step. It saves 6 hidden floats for each
 * step of each sequence: four gates, c and y; 3.5 with `storage` f16, where only y stays f32.
 *
 * Source: Hochreiter and Schmidhuber (1997), Gers et al. (2000); the order of work follows
 * Appleyard et al. (2016).
 *
 * @returns y of [time, batch, hidden], and the last h and c.
 */
export function lstmSequence(
  input: SequenceInput,
  weights: LayerWeights,
  h0: Tensor,
  c0: Tensor,
  storage: StorageFormat = 'f32',
): [Tensor, Tensor, Tensor] {
  checkStorage('lstmSequence', storage);
  const sizes = check('lstmSequence', 4, input, weights, { h0, c0 });
  const { weight_ih, weight_hh, biases } = weights;
  const { time, batch, hidden } = sizes;
  const sweep = sweepOf(sizes, storage);
  return scope(() => {
    const gates = noGrad(() => project(input, weight_ih, biases && add(...biases)));
    const c = emptyBeside(gates, [time, batch, hidden]);
    const y = emptyBeside(c);
    run(lstmKernel, { weight: weight_hh, h0, c0, gates, c, y }, { ...sweep, end: time });
    const [hn, cn] = [lastOf(y), lastOf(c)];
    const inputs = [sourceOf(input), weight_ih, weight_hh, ...(biases ?? []), h0, c0];
    const [savedGates, savedC] = saveAll([gates, c], storage, inputs);
    record({
      name: 'lstmSequence',
      inputs,
      outputs: [y, hn, cn],
      saves: [...surroundings(input, weights), h0, c0, y],
      extras: [savedGates.kept, savedC.kept],
      vjp([dy, dhn, dcn], keep) {
        const [dgates, cells] = [savedGates.take(keep), savedC.take(false)];
        const [dh, dc] = [carried(dhn, h0), carried(dcn, c0)];
        run(
          lstmSequenceGradient,
          { weight: weight_hh, gates: dgates, c: cells, c0, dy: dy ?? zerosBeside(y), dh, dc },
          { ...sweep, end: h0.requiresGrad ? time + 1 : time },
        );
        const { dinput, dweight, dbias } = projectBack(dgates, input, weight_ih);
        const dweightHh = emptyBeside(weight_hh);
        recurrentGradient(dweightHh, 0, dgates, 4 * hidden, h0, y);
        const db = biases && dbias();
        return [dinput, dweight, dweightHh, ...(db ? [db, db] : []), dh, dc];
      },
    });
    return [y, hn, cn];
  });
}

/**
 * A GRU layer over a sequence, its gates in PyTorch's order r, z, n, the reset gate after the
 * matmul; h0 of [batch, hidden]. The same numbers as its cell, step by step. It saves 5 hidden
 * floats for each step of each sequence: three gates, what the reset gate multiplies, and y; 3 with
 * `storage` f16, where only y stays f32.
 *
 * Source: Cho et al. (2014), in the form of cuDNN and PyTorch.
 *
 * @returns y of [time, batch, hidden], and the last h.
 */
export function gruSequence(
  input: SequenceInput,
  weights: LayerWeights,
  h0: Tensor,
  storage: StorageFormat = 'f32',
): [Tensor, Tensor] {
  checkStorage('gruSequence', storage);
  const sizes = check('gruSequence', 3, input, weights, { h0 });
  const { weight_ih, weight_hh, biases } = weights;
  const { time, batch, hidden } = sizes;
  const sweep = sweepOf(sizes, storage);
  return scope(() => {
    const gates = noGrad(() => project(input, weight_ih, biases?.[0]));
    const ghn = emptyBeside(gates, [time, batch, hidden]);
    const y = emptyBeside(ghn);
    const bias = biases?.[1] ?? filledBeside(h0, [3 * hidden], 0);
    run(gruKernel, { weight: weight_hh, bias, h0, gates, ghn, y }, { ...sweep, end: time });
    const hn = lastOf(y);
    const inputs = [sourceOf(input), weight_ih, weight_hh, ...(biases ?? []), h0];
    const [savedGates, savedGhn] = saveAll([gates, ghn], storage, inputs);
    record({
      name: 'gruSequence',
      inputs,
      outputs: [y, hn],
      saves: [...surroundings(input, weights), h0, y],
      extras: [savedGates.kept, savedGhn.kept],
      vjp([dy, dhn], keep) {
        const [dgates, dghn] = [savedGates.take(keep), savedGhn.take(keep)];
        const dh = carried(dhn, h0);
        run(
          gruSequenceGradient,
          { weight: weight_hh, gates: dgates, ghn: dghn, y, h0, dy: dy ?? zerosBeside(y), dh },
          { ...sweep, end: h0.requiresGrad ? time + 1 : time },
        );
        const { dinput, dweight, dbias } = projectBack(dgates, input, weight_ih);
        const dweightHh = emptyBeside(weight_hh);
        recurrentGradient(dweightHh, 0, dgates, 2 * hidden, h0, y);
        recurrentGradient(dweightHh, 2 * hidden, dghn, hidden, h0, y);
        const db = biases && dbias();
        const dbHh = db && cat([slice(db, 0, { end: 2 * hidden }), sum(dghn, { dim: [0, 1] })]);
        return [dinput, dweight, dweightHh, ...(db ? [db, dbHh] : []), dh];
      },
    });
    return [y, hn];
  });
}

/**
 * A vanilla recurrent layer over a sequence, f being tanh, relu or sigmoid; h0 of [batch, hidden].
 * The same numbers as its cell, step by step. It saves hidden floats for each step of each
 * sequence: y, which stays f32 with `storage` f16.
 *
 * Source: Elman (1990).
 *
 * @returns y of [time, batch, hidden], and the last h.
 */
export function rnnSequence(
  input: SequenceInput,
  weights: LayerWeights,
  h0: Tensor,
  nonlinearity: Nonlinearity = 'tanh',
  storage: StorageFormat = 'f32',
): [Tensor, Tensor] {
  checkStorage('rnnSequence', storage);
  checkNonlinearity('rnnSequence', 'nonlinearity', nonlinearity);
  const sizes = check('rnnSequence', 1, input, weights, { h0 });
  const { weight_ih, weight_hh, biases } = weights;
  const { time, hidden } = sizes;
  const code = NONLINEARITIES.indexOf(nonlinearity);
  const sweep = { ...sweepOf(sizes, storage), nonlinearity: code };
  return scope(() => {
    const y = noGrad(() => project(input, weight_ih, biases && add(...biases)));
    run(rnnKernel, { weight: weight_hh, h0, y }, { ...sweep, end: time });
    const hn = lastOf(y);
    record({
      name: 'rnnSequence',
      inputs: [sourceOf(input), weight_ih, weight_hh, ...(biases ?? []), h0],
      outputs: [y, hn],
      saves: [...surroundings(input, weights), h0, y],
      vjp([dy, dhn]) {
        const dz = emptyBeside(y);
        const dh = carried(dhn, h0);
        run(
          rnnSequenceGradient,
          { weight: weight_hh, y, dy: dy ?? zerosBeside(y), dh, dz },
          { ...sweep, end: h0.requiresGrad ? time + 1 : time },
        );
        const { dinput, dweight, dbias } = projectBack(dz, input, weight_ih);
        const dweightHh = emptyBeside(weight_hh);
        recurrentGradient(dweightHh, 0, dz, hidden, h0, y);
        const db = biases && dbias();
        return [dinput, dweight, dweightHh, ...(db ? [db, db] : []), dh];
      },
    });
    return [y, hn];
  });
}

/** What the sweeps of a layer have in common. */
function sweepOf(sizes: Sizes, storage: StorageFormat) {
  return sweepParams({ ...sizes, half: storage === 'f16' ? 1 : 0 });
}
