import { embedding } from '../../ops/indexing';
import { cat, slice, split, stack, unbind } from '../../ops/movement';
import { where } from '../../ops/pointwise';
import type { RaggedBatch } from '../../ops/ragged';
import type { SequenceInput } from '../../ops/scan_input';
import { SequenceOrder } from '../../ops/sequence_order';
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
  options: { reverse?: boolean; ragged?: RaggedBatch | SequenceOrder | undefined } = {},
): { output: Tensor; state: Tensor[] } {
  const { reverse = false, ragged } = options;
  const ordered = ragged instanceof SequenceOrder ? ragged : undefined;
  return scope(() => {
    const projected = projectInput(cell, input);
    const steps =
      ragged && !ordered
        ? split(projected, (ragged as RaggedBatch).batchSizes)
        : unbind(ordered ? ordered.bySteps(projected) : projected);
    const masks = ordered && unbind(ordered.mask(projected.dtype));
    const outputs = new Map<number, Tensor>();
    const shared = cell.shared();
    let current = [...state];
    for (const i of steps.keys()) {
      const t = reverse ? steps.length - 1 - i : i;
      const stepped = scope(() => advance(cell, steps[t], current, shared, masks?.[t]));
      outputs.set(t, stepped.output);
      current = stepped.state;
    }
    const inOrder = steps.map((_, t) => outputs.get(t)!);
    if (ordered) return { output: ordered.fromSteps(stack(inOrder)), state: current };
    return { output: ragged ? cat(inOrder) : stack(inOrder), state: current };
  });
}

/** What the gates get from a whole input. A row of a table is projected once, for all steps that read it. */
export function projectInput(cell: Cell, input: SequenceInput): Tensor {
  return 'rows' in input ? embedding(input.ids, cell.project(input.rows)) : cell.project(input);
}

/**
 * A step of the sequences that have it, which are the first ones; the others keep their state.
 *
 * @param mask [batch, 1], of which sequences have it, where `gx` has a row for all.
 */
function advance(
  cell: Cell,
  gx: Tensor,
  state: readonly Tensor[],
  shared: readonly Tensor[],
  mask: Tensor | undefined,
) {
  const [rows] = gx.shape;
  const idle = state[0].shape[0] - rows;
  if (idle === 0) {
    const next = cell.checked(cell.step(gx, state, shared), rows);
    const kept = mask ? next.map((part, i) => where(mask, part, state[i])) : next;
    return { output: next[0], state: kept };
  }
  const before = state.map((part) => slice(part, 0, { end: rows }));
  const next = cell.checked(cell.step(gx, before, shared), rows);
  const whole = next.map((part, i) => cat([part, slice(state[i], 0, { start: rows })]));
  return { output: next[0], state: whole };
}
