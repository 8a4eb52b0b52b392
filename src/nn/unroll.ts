import { embedding } from '../ops/indexing';
import { reshape, stack, unbind } from '../ops/movement';
import type { SequenceInput } from '../ops/sequence';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import type { Cell } from './cells/cell';
import type { Swept } from './stack';

/** The sweep of any cell, step by step. */
export function unroll(cell: Cell, input: SequenceInput, state: readonly Tensor[]): Swept {
  // What a row of the table gives is the same at every step that reads it.
  const projected =
    'rows' in input ? embedding(input.ids, cell.project(input.rows)) : cell.project(input);
  let current = state.map((part) => reshape(part, part.shape.slice(1)));
  const outputs: Tensor[] = [];
  for (const gx of unbind(projected)) {
    current = scope(() => cell.step(gx, current));
    outputs.push(current[0]);
  }
  return {
    output: stack(outputs),
    state: current.map((part) => reshape(part, [1, ...part.shape])),
  };
}
