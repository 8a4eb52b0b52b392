import type { CellDefinition } from '../../src/cell/definition';
import type { ScanParams } from '../../src/kernels/scan_config';

/** Where the rows of each step of a ragged batch begin. */
export function beginsOf(batchSizes: readonly number[]): number[] {
  return batchSizes.reduce<number[]>((begins, size) => [...begins, begins.at(-1)! + size], [0]);
}

/** How many numbers the buffers of a scan have, all but `table`. */
export function scanSizes(
  cell: CellDefinition,
  { layers, time, batch, hidden, rows, ragged }: ScanParams,
) {
  const [K, S, V] = [cell.slots.length, cell.state.length, cell.vectors.length];
  const biases = cell.biased ? cell.gates.length : 0;
  return {
    weight: (2 * layers - 1) * cell.gates.length * hidden * hidden,
    vectors: layers * (biases + V) * hidden,
    gates: rows * K * hidden,
    states: S * (rows + layers * batch) * hidden,
    dy: (ragged ? rows : time * batch) * hidden,
    dstate: (S + V) * layers * batch * hidden,
  };
}
