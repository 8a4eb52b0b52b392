import { record } from '../autograd/graph';
import { ShapeError } from '../errors';
import { gruGates as gruKernel, gruGatesGradient } from '../kernels/gru_gates';
import { lstmGates as lstmKernel, lstmGatesGradient } from '../kernels/lstm_gates';
import { NONLINEARITIES, rnnActivation, rnnActivationGradient } from '../kernels/rnn_activation';
import type { Nonlinearity } from '../kernels/rnn_activation';
import { formatShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { checkFloats, checkNonlinearity, checkShapeIs, emptyLike, run, zerosLike } from './common';

export type { Nonlinearity };

/**
 * The vanilla cell after its matmuls: f(gx + gh), both of [batch, hidden]; f is tanh, relu or
 * sigmoid. One kernel.
 */
export function rnnGate(gx: Tensor, gh: Tensor, nonlinearity: Nonlinearity = 'tanh'): Tensor {
  checkNonlinearity('rnnGate', 'nonlinearity', nonlinearity);
  checkFloats('rnnGate', { gx, gh });
  checkShapeIs('rnnGate', 'gh', gh, gx.shape);
  const params = { nonlinearity: NONLINEARITIES.indexOf(nonlinearity), n: gx.size };
  const h = emptyLike(gx);
  run(rnnActivation, { gx, gh, h }, params);
  record({
    name: 'rnnGate',
    inputs: [gx, gh],
    outputs: [h],
    savedForBackward: [h],
    vjp([dh]) {
      const dz = emptyLike(h);
      run(rnnActivationGradient, { h, dh: dh!, dz }, params);
      return [dz, dz];
    },
  });
  return h;
}

/** [batch, hidden] of a state, from gate inputs of [batch, parts hidden]. */
function checkGates(
  operation: string,
  parts: number,
  gx: Tensor,
  gh: Tensor,
  stateName: string,
  state: Tensor,
): { batch: number; hidden: number } {
  checkFloats(operation, { gx, gh, [stateName]: state });
  if (state.shape.length !== 2) {
    throw new ShapeError(
      `${operation}: ${stateName} has shape ${formatShape(state.shape)}; [batch, hidden] is needed`,
    );
  }
  const [batch, hidden] = state.shape;
  checkShapeIs(operation, 'gx', gx, [batch, parts * hidden]);
  checkShapeIs(operation, 'gh', gh, [batch, parts * hidden]);
  return { batch, hidden };
}

/**
 * The LSTM cell after its matmuls, fused: gx and gh of [batch, 4 hidden] in PyTorch's order
 * i, f, g, o, c of [batch, hidden]. The equations stand at the kernel.
 *
 * Source: Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000).
 *
 * @returns [h', c'], each of [batch, hidden].
 */
export function lstmGates(gx: Tensor, gh: Tensor, c: Tensor): [Tensor, Tensor] {
  const params = checkGates('lstmGates', 4, gx, gh, 'c', c);
  const gates = emptyLike(gx);
  const cNext = emptyLike(c);
  const hNext = emptyLike(c);
  run(lstmKernel, { gx, gh, c, gates, c_next: cNext, h_next: hNext }, params);
  record({
    name: 'lstmGates',
    inputs: [gx, gh, c],
    outputs: [hNext, cNext],
    savedForBackward: [c, cNext],
    intermediates: [gates],
    vjp([dh, dc]) {
      const dgates = emptyLike(gates);
      const dcPrevious = emptyLike(c);
      run(
        lstmGatesGradient,
        {
          gates,
          c,
          c_next: cNext,
          dh_next: dh ?? zerosLike(c),
          dc_next: dc ?? zerosLike(c),
          dgates,
          dc: dcPrevious,
        },
        params,
      );
      return [dgates, dgates, dcPrevious];
    },
  });
  return [hNext, cNext];
}

/**
 * The GRU cell after its matmuls, fused: gx and gh of [batch, 3 hidden] in PyTorch's order
 * r, z, n, h of [batch, hidden]; the reset gate acts after the matmul. The equations stand at the
 * kernel.
 *
 * Source: Cho et al. (2014), in the form of cuDNN and PyTorch.
 *
 * @returns h', of [batch, hidden].
 */
export function gruGates(gx: Tensor, gh: Tensor, h: Tensor): Tensor {
  const params = checkGates('gruGates', 3, gx, gh, 'h', h);
  const gates = emptyLike(h, [params.batch, 4 * params.hidden]);
  const hNext = emptyLike(h);
  run(gruKernel, { gx, gh, h, gates, h_next: hNext }, params);
  record({
    name: 'gruGates',
    inputs: [gx, gh, h],
    outputs: [hNext],
    savedForBackward: [h],
    intermediates: [gates],
    vjp([dh]) {
      const dgx = emptyLike(gx);
      const dgh = emptyLike(gh);
      const dhPrevious = emptyLike(h);
      run(gruGatesGradient, { gates, h, dh_next: dh!, dgx, dgh, dh: dhPrevious }, params);
      return [dgx, dgh, dhPrevious];
    },
  });
  return hNext;
}
