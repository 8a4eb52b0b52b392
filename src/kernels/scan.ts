import type { CellDefinition } from '../cell/definition';
import type { TunableKernel } from '../backend/kernel';
import { defineKernel, read, readIds, update } from '../backend/kernel';
import { SCAN } from './scan_config';
import { referenceBackward, referenceForward } from './scan_reference';
import { simdScanBackward, simdScanForward } from './simd/scan';
import { webgpu } from './webgpu/provided';

const FORWARD = {
  weight: read,
  vectors: read,
  table: readIds,
  gates: update,
  states: update,
} as const;

const BACKWARD = {
  weight: read,
  vectors: read,
  table: readIds,
  gates: update,
  states: read,
  dy: read,
  dstate: update,
} as const;

export interface ScanKernels {
  /**
   * A recurrent layer over time: for every step and row, the products of the output before, and the
   * cell's equations.
   *
   * - `weight`: the layers' recurrent matrices, [gates hidden, hidden], then the input matrices of all
   *   layers but the first, whose input is projected before.
   * - `vectors`: [layers, biases + vectors, hidden], of a cell with gates apart the bias of the recurrent
   *   product (of each gate), then the cell's vectors. Of a cell with neither, anything.
   * - `table`: [time + 1], where the rows of each step begin, of a ragged batch; else anything.
   * - `gates`: [rows, slots, hidden], the projected input with its biases at first (of layers above the
   *   first the biases alone), and what the gradient needs in the end.
   * - `states`: for each part of the state, the output first, [rows + layers batch, hidden]: its values
   *   after every step, and behind them those before the first, which the caller puts there.
   */
  readonly forward: TunableKernel<typeof FORWARD, typeof SCAN>;
  /**
   * Its gradient, back through time.
   *
   * - `gates`: what the forward scan left at first, the gradients of z in the end.
   * - `dy`: [time, batch, hidden], or packed, the gradient of the highest layer's output.
   * - `dstate`: [state + vectors, layers, batch, hidden]: gradients of the last state at first and of
   *   the first one in the end; then the vectors' gradients, to which every step adds its own.
   *
   * Steps are counted from the last: step s is the scan's step time - 1 - s, and step `time` gives to
   * the first state what came through the recurrent weights. All of them are 0 to `time` + 1; to `time`
   * leaves that out.
   */
  readonly backward: TunableKernel<typeof BACKWARD, typeof SCAN>;
}

const made = new WeakMap<CellDefinition, ScanKernels>();

/** The kernels of a cell. */
export function scanKernels(cell: CellDefinition): ScanKernels {
  const known = made.get(cell);
  if (known) return known;
  const kernels: ScanKernels = {
    forward: defineKernel({
      name: 'scan_forward',
      bindings: FORWARD,
      params: SCAN,
      cpu: (arrays, p) => referenceForward(cell, arrays, p),
      fastCpu: (arrays, p, simd) =>
        simd !== undefined && p.layers === 1 && simdScanForward(simd, arrays, p, cell),
      candidates: (p, limits) => webgpu().scanCandidates(cell).forward(p, limits),
    }),
    backward: defineKernel({
      name: 'scan_backward',
      bindings: BACKWARD,
      params: SCAN,
      cpu: (arrays, p) => referenceBackward(cell, arrays, p),
      fastCpu: (arrays, p, simd) =>
        simd !== undefined && p.layers === 1 && simdScanBackward(simd, arrays, p, cell),
      candidates: (p, limits) => webgpu().scanCandidates(cell).backward(p, limits),
    }),
  };
  made.set(cell, kernels);
  return kernels;
}
