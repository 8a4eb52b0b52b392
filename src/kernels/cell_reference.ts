import type { NumberArray } from '../backend/dtype';
import type { CellDefinition } from '../cell/definition';
import { runProgram } from '../cell/program';

/** The product of a matrix, row by row, and x. */
export function referenceProduct(matrix: NumberArray, x: NumberArray): number[] {
  return Array.from({ length: matrix.length / x.length }, (_, row) => {
    const at = row * x.length;
    let sum = 0;
    for (let k = 0; k < x.length; k++) sum += matrix[at + k] * x[k];
    return sum;
  });
}

/**
 * A step of all units of a layer, of one row of the batch, whose state it changes.
 *
 * @param vectors [gates (+ gates, where one is apart) + vectors, hidden]: biases and the cell's vectors.
 * @param input [gates, hidden], and so is `recurrent`, which is empty where there is no such product.
 * @param state the parts of it, each of [hidden].
 */
export function referenceStep(
  cell: CellDefinition,
  vectors: NumberArray,
  input: readonly number[],
  recurrent: readonly number[],
  state: readonly NumberArray[],
): void {
  const { gates, slots, biased, forward } = cell;
  const H = state[0].length;
  const biases = biased ? 2 * gates.length : gates.length;
  const at = new Float64Array(forward.slots);
  at.set(forward.constants, forward.externals);
  for (let j = 0; j < H; j++) {
    at.fill(0, 0, slots.length);
    gates.forEach((gate, i) => {
      at[i] += input[i * H + j] + vectors[i * H + j];
      const apart = slots.indexOf(`h${gate}`, gates.length);
      if (recurrent.length > 0) at[apart < 0 ? i : apart] += recurrent[i * H + j];
      if (biased) at[apart < 0 ? i : apart] += vectors[(gates.length + i) * H + j];
    });
    state.forEach((part, i) => (at[slots.length + i] = part[j]));
    const firstVector = slots.length + state.length;
    cell.vectors.forEach((_, i) => (at[firstVector + i] = vectors[(biases + i) * H + j]));
    runProgram(forward, at);
    state.forEach((part, i) => (part[j] = at[firstVector + cell.vectors.length + i]));
  }
}
