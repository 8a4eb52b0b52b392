import { embedding } from '../../ops/indexing';
import { cat, slice, split, stack, unbind } from '../../ops/movement';
import type { RaggedBatch } from '../../ops/ragged';
import type { SequenceInput } from '../../ops/scan_input';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import type { Cell } from './cell';

/**
 * Any cell over a sequence, step by step, as `scan` takes it: [time, batch, input], or [rows, input] of a
 * ragged batch; each part of the state of [batch, its width].
 */
export function unroll(
  cell: Cell,
  input: SequenceInput,
  state: readonly Tensor[],
  { reverse = false, ragged }: { reverse?: boolean; ragged?: RaggedBatch } = {},
): { output: Tensor; state: Tensor[] } {
  return scope(() => {
    const projected = projectInput(cell, input);
    const steps = ragged ? split(projected, ragged.batchSizes) : unbind(projected);
    const outputs = new Map<number, Tensor>();
    const shared = cell.shared();
    let current = [...state];
    for (const i of steps.keys()) {
      const t = reverse ? steps.length - 1 - i : i;
      const stepped = scope(() => advance(cell, steps[t], current, shared));
      outputs.set(t, stepped.output);
      current = stepped.state;
    }
    const inOrder = steps.map((_, t) => outputs.get(t)!);
    return { output: ragged ? cat(inOrder) : stack(inOrder), state: current };
  });
}

/** What the gates get from a whole input. A row of a table is projected once, for all steps that read it. */
export function projectInput(cell: Cell, input: SequenceInput): Tensor {
  return 'rows' in input ? embedding(input.ids, cell.project(input.rows)) : cell.project(input);
}

/** A step of the sequences that have it, which are the first ones; the others keep their state. */
function advance(cell: Cell, gx: Tensor, state: readonly Tensor[], shared: readonly Tensor[]) {
  const [rows] = gx.shape;
  const idle = state[0].shape[0] - rows;
  if (idle === 0) {
    const next = cell.checked(cell.step(gx, state, shared), rows);
    return { output: next[0], state: next };
  }
  const before = state.map((part) => slice(part, 0, { end: rows }));
  const next = cell.checked(cell.step(gx, before, shared), rows);
  const whole = next.map((part, i) => cat([part, slice(state[i], 0, { start: rows })]));
  return { output: next[0], state: whole };
}
