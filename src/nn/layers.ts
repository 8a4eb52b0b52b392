import { record } from '../autograd/graph';
import { arrangeRows } from '../ops/indexing';
import { cat, reshape, stack, unbind } from '../ops/movement';
import type { RaggedBatch } from '../ops/ragged';
import { scan } from '../ops/scan';
import type { SequenceInput } from '../ops/scan_input';
import type { SequenceOrder } from '../ops/sequence_order';
import type { Tensor } from '../tensor/tensor';
import type { Cell } from './cells/cell';
import { ScanCell } from './cells/scan_cell';
import { unroll } from './cells/unroll';
import type { Dropout } from './dropout';
import { asStack, prefersWavefront } from './stack';

/** Cells on top of each other, and beside each other where there are two directions. */
export class Layers<C extends Cell> {
  /** The lowest layer's first; of two directions the forward one before the other. */
  readonly cells: readonly C[];
  readonly directions: 1 | 2;
  /** False: all are unrolled. */
  readonly fused: boolean;
  /** The cells, where one scan can run all layers. */
  readonly #stack: readonly ScanCell[] | undefined;

  /** @param fused false unrolls all of them. */
  constructor(cells: readonly C[], directions: 1 | 2, fused: boolean) {
    this.cells = cells;
    this.directions = directions;
    this.fused = fused;
    this.#stack = fused && directions === 1 ? asStack(cells) : undefined;
  }

  /**
   * Each layer after the one below it, or all as a wavefront.
   *
   * @param input [time, batch, input], or of a ragged batch [rows, input].
   * @param state each part of [cells, batch, its width].
   * @param dropout between the layers.
   * @param overwriteState the last state may be written over `state`.
   */
  run(
    input: SequenceInput,
    state: readonly Tensor[],
    ragged: RaggedBatch | SequenceOrder | undefined,
    dropout: Dropout | undefined,
    overwriteState: boolean,
  ): { output: Tensor; state: Tensor[] } {
    const cells = this.#stack;
    if (cells && !dropout && !ragged) {
      const [time, batch] = 'rows' in input ? input.ids.shape : input.shape;
      if (prefersWavefront(cells, time, batch)) {
        const weights = cells.map((cell) => cell.weights);
        return scan(cells[0].definition, input, weights, state, { overwriteState });
      }
    }
    // Of the state a scan saves nothing. An operation may save a row, and would not hear of a change of the whole.
    const inMemory = this.cells.every((cell) => this.#scans(cell) && cell.projSize === 0);
    const before = state.map((part) => rowsOf(part, inMemory));
    const after = state.map((): Tensor[] => []);
    let x = input;
    let output: Tensor | undefined;
    for (let first = 0; first < this.cells.length; first += this.directions) {
      if (output) x = dropout ? dropout.forward(output) : output;
      const outputs = this.cells.slice(first, first + this.directions).map((cell, direction) => {
        const own = before.map((parts) => parts[first + direction]);
        const reverse = direction === 1;
        const result = this.#sequence(cell, x, own, { reverse, ragged, overwriteState });
        result.state.forEach((part, i) => after[i].push(part));
        return result.output;
      });
      output = outputs.length > 1 ? cat(outputs, -1) : outputs[0];
    }
    const last = after.map((parts, i) => {
      if (parts.length === 1) return reshape(parts[0], [1, ...parts[0].shape]);
      return parts.every((part) => part.shares(state[i])) ? inPlace(state[i], parts) : stack(parts);
    });
    return { output: output!, state: last };
  }

  #sequence(
    cell: Cell,
    x: SequenceInput,
    state: readonly Tensor[],
    options: {
      reverse: boolean;
      ragged: RaggedBatch | SequenceOrder | undefined;
      overwriteState: boolean;
    },
  ) {
    return this.#scans(cell) ? cell.scan(x, state, options) : unroll(cell, x, state, options);
  }

  #scans(cell: Cell): cell is ScanCell {
    return this.fused && cell instanceof ScanCell && cell.fused;
  }
}

/**
 * The rows of a part of the state.
 *
 * @param inMemory in its own, where no gradient is to come back and a device binds them; else copies.
 */
function rowsOf(part: Tensor, inMemory: boolean): Tensor[] {
  const [rows, ...shape] = part.shape;
  const size = part.size / rows;
  if (rows === 1) return [reshape(part, shape)];
  const bindable = size % part.device.backend.partElements === 0;
  if (!inMemory || part.requiresGrad || !bindable) return unbind(part);
  return Array.from({ length: rows }, (_, row) => part.view(shape, row * size));
}

/** The last states, `rows`, that were written over the first ones: `stack` without a copy. */
function inPlace(whole: Tensor, rows: readonly Tensor[]): Tensor {
  const last = whole.view(whole.shape);
  record({ name: 'stack', inputs: rows, outputs: [last], vjp: ([g]) => unbind(g!) });
  return last;
}

/** Parts of a state, [rows, batch, width], with the batch in another order. */
export function reordered(state: readonly Tensor[], order: readonly number[]): Tensor[] {
  const batch = order.length;
  const [rows] = state[0].shape;
  const ids = Array.from({ length: rows * batch }, (_, i) => {
    return Math.floor(i / batch) * batch + order[i % batch];
  });
  return state.map((part) =>
    arrangeRows(reshape(part, [ids.length, part.shape[2]]), ids, [rows, batch]),
  );
}
