import type { NumberArray } from '../backend/dtype';
import type { KernelConfig, TunableKernel } from '../backend/kernel';
import { defineKernel, include, read, readIds, update, wgsl, write } from '../backend/kernel';
import type { CellDefinition } from '../cell/definition';
import { referenceProduct, referenceStep } from './cell_reference';
import { webgpu } from './webgpu/provided';

const BINDINGS = {
  weight_hh: read,
  weight_ih: read,
  input: read,
  id: readIds,
  vectors: read,
  h: read,
  next: write,
  rest: update,
} as const;

const LAYER_STEP = { by_id: 'override', rows: 'u32', hidden: 'u32' } as const;

/** Units that a workgroup makes. */
const UNITS = 4;

function configOf(cell: CellDefinition): KernelConfig<typeof LAYER_STEP> {
  return {
    name: 'layer_step',
    source: wgsl(include('layer_step'), webgpu().shadersOf(cell).step, include('lib/activation')),
    launch: ({ rows, hidden }) =>
      rows === 0 ? [] : [{ workgroups: [Math.ceil(hidden / UNITS), rows, 1] }],
  };
}

const made = new WeakMap<CellDefinition, TunableKernel<typeof BINDINGS, typeof LAYER_STEP>>();

/**
 * A step of a recurrent layer for a few rows of the batch, in one dispatch; each reads all weights. `hidden` is a
 * multiple of four.
 *
 * - `weight_hh`, `weight_ih`: [gates hidden, hidden]; anything, where a cell has no such product, or with
 *   `by_id`.
 * - `input`: the output of the layer below, [rows, hidden]; or with `by_id` the projected rows of a table,
 *   [ids, gates hidden], of which row r takes that of id[r].
 * - `vectors`: [gates (+ gates, where one is apart) + vectors, hidden]: biases and the cell's vectors.
 * - `h`, `next`: the output before and after, [rows, hidden].
 * - `rest`: the other parts of the state, [state - 1, rows, hidden], changed in place.
 */
export function layerStep(cell: CellDefinition): TunableKernel<typeof BINDINGS, typeof LAYER_STEP> {
  const known = made.get(cell);
  if (known) return known;
  let config: KernelConfig<typeof LAYER_STEP> | undefined;
  const kernel = defineKernel({
    name: 'layer_step',
    bindings: BINDINGS,
    params: LAYER_STEP,
    cpu({ weight_hh, weight_ih, input, id, vectors, h, next, rest }, { by_id, rows, hidden: H }) {
      const size = cell.gates.length * H;
      for (let r = 0; r < rows; r++) {
        const row = (array: NumberArray, at = r) => array.subarray(at * H, (at + 1) * H);
        const x = by_id
          ? [...input.subarray(id[r] * size, (id[r] + 1) * size)]
          : referenceProduct(weight_ih, row(input));
        const recurrent = cell.dense ? referenceProduct(weight_hh, row(h)) : [];
        row(next).set(row(h));
        const others = cell.state.slice(1).map((_, i) => row(rest, i * rows + r));
        referenceStep(cell, vectors, x, recurrent, [row(next), ...others]);
      }
    },
    // One, made only when WebGPU asks: a cell's WGSL comes with it.
    candidates: () => ({ sizeClass: cell.name, configs: [(config ??= configOf(cell))] as const }),
  });
  made.set(cell, kernel);
  return kernel;
}
