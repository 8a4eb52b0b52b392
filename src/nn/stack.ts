import { backward } from '../autograd/backward';
import { scan } from '../ops/scan';
import type { LayerWeights } from '../ops/scan_input';
import { scope } from '../tensor/scope';
import type { Shape } from '../tensor/shape';
import { zeros } from '../tensor/tensor';
import type { Cell } from './cells/cell';
import { ScanCell } from './cells/scan_cell';

/** The cells, where one scan can run the layers of all of them at once. */
export function asStack(cells: readonly Cell[]): readonly ScanCell[] | undefined {
  const scanned = cells.filter((cell) => cell instanceof ScanCell);
  const [first] = scanned;
  const alike =
    cells.length > 1 &&
    scanned.length === cells.length &&
    scanned.every(
      (cell) =>
        cell.fused &&
        cell.definition === first.definition &&
        cell.definition.dense &&
        cell.hiddenSize === first.hiddenSize &&
        cell.projSize === 0 &&
        !cell.bias_hh === !first.bias_hh,
    );
  return alike ? scanned : undefined;
}

export const CANDIDATES = ['layers', 'wavefront'] as const;

/**
 * Whether the adapter is faster when all layers are run at once, as a wavefront. That takes fewer
 * dispatches, and occupies a GPU that one layer's step leaves idle; but it multiplies the input of the
 * higher layers step by step, where a layer by itself takes one product for all. So it is tried, a step
 * forward and back, by `device.tune()`.
 *
 * @param cells what `asStack` gives.
 */
export function prefersWavefront(cells: readonly ScanCell[], time: number, batch: number): boolean {
  if (time === 1 || batch === 0) return false;
  const layers = cells.length;
  const [{ device, dtype, definition, hiddenSize: hidden, bias_hh }] = cells;
  const rows = definition.gates.length * hidden;
  const gates = layers * time * batch * definition.slots.length * hidden;
  const states = layers * (time + 1) * batch * definition.state.length * hidden;
  const weights = (2 * layers - 1) * rows * hidden;
  // The largest buffers of a wavefront. One layer's may fit where these do not.
  if (4 * Math.max(gates, states, weights) > device.backend.maxBufferBytes) return false;
  const sizes = [time, batch, hidden].map((size) => Math.ceil(Math.log2(size)));
  const chosen = device.autotuner?.select({
    name: `${definition.name} layers`,
    sizeClass: `${layers} layers ${sizes.join()}`,
    candidates: CANDIDATES,
    // Values and gradients; weights, their gradients, and copies in the order of a scan.
    bytes: 4 * (2 * (gates + states + layers * time * batch * hidden) + 5 * weights),
    run: (candidate) =>
      scope(() => {
        const blank = (shape: Shape) => zeros(device, shape, { dtype, requiresGrad: true });
        const parameters = cells.map((): LayerWeights => ({
          weight_ih: blank([rows, hidden]),
          weight_hh: blank([rows, hidden]),
          ...(bias_hh && { bias_ih: blank([rows]), bias_hh: blank([rows]) }),
          vectors: definition.vectors.map(() => blank([hidden])),
        }));
        const state = (shape: Shape) => definition.state.map(() => zeros(device, shape, { dtype }));
        let x = zeros(device, [time, batch, hidden], { dtype });
        if (candidate === 'wavefront') {
          x = scan(definition, x, parameters, state([layers, batch, hidden])).output;
        } else {
          for (const weights of parameters) {
            x = scan(definition, x, weights, state([batch, hidden])).output;
          }
        }
        backward(x, { gradient: zeros(device, x.shape, { dtype }) });
      }),
  });
  return chosen === 'wavefront';
}
