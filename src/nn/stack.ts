import { backward } from '../autograd/backward';
import { reshape, stack, unbind } from '../ops/movement';
import type { LayerWeights, SequenceInput } from '../ops/sequence';
import { scope } from '../tensor/scope';
import type { Shape } from '../tensor/shape';
import { zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { Cell } from './cells/cell';

/** What layers on top of each other give: the output of the highest, and the last state of all. */
export interface Swept {
  output: Tensor;
  /** Each part of [layers, batch, its width]. */
  state: Tensor[];
}

/** Each layer after the one below it; `between` is what the output of that goes through. */
export function layerByLayer(
  state: readonly Tensor[],
  input: SequenceInput,
  layers: number,
  sweep: (layer: number, input: SequenceInput, state: readonly Tensor[]) => Swept,
  between: (x: Tensor) => Tensor = (x) => x,
): Swept {
  if (layers === 1) return sweep(0, input, state);
  const before = state.map((part) => unbind(part));
  const after = state.map((): Tensor[] => []);
  let output: Tensor | undefined;
  for (let layer = 0; layer < layers; layer++) {
    const own = before.map((parts) => reshape(parts[layer], [1, ...parts[layer].shape]));
    const swept = sweep(layer, output ? between(output) : input, own);
    output = swept.output;
    swept.state.forEach((part, i) => after[i].push(reshape(part, part.shape.slice(1))));
  }
  return { output: output!, state: after.map((parts) => stack(parts)) };
}

/** False where a class between changes a step, and the sequence operation knows nothing of it. */
export function isFused(cell: Cell): boolean {
  const owner = ownerOf(cell, 'sequence', 'project', 'step');
  return owner !== null && Object.hasOwn(owner, 'sequence');
}

/** Whether one operation can sweep the layers of these cells at once. */
export function canStack(cells: readonly Cell[]): boolean {
  const [first] = cells;
  return (
    first.stackKind !== undefined &&
    cells.every(
      (cell) =>
        cell.stackKind === first.stackKind &&
        cell.hiddenSize === first.hiddenSize &&
        !cell.bias_hh === !first.bias_hh &&
        // A class that has another operation says anew what stacks with it.
        ownerOf(cell, 'stackKind') === ownerOf(cell, 'sequence'),
    )
  );
}

/** The class that a cell has the first of some properties from. */
function ownerOf(cell: Cell, ...names: (keyof Cell)[]): object | null {
  let type = Object.getPrototypeOf(cell) as object | null;
  while (type && !names.some((name) => Object.hasOwn(type!, name))) {
    type = Object.getPrototypeOf(type) as object | null;
  }
  return type;
}

const WAYS = ['layers', 'wavefront'] as const;

/**
 * Whether the adapter is faster when so many layers are swept at once, as a wavefront. That takes fewer
 * dispatches, and occupies a GPU that one layer's step leaves idle; but it multiplies the input of the
 * higher layers step by step, where a layer by itself takes one product for all. So it is tried, a step
 * forward and back, by `device.tune()`.
 *
 * @param cell any of the layers', for which `canStack` holds.
 */
export function prefersWavefront(cell: Cell, layers: number, time: number, batch: number): boolean {
  if (time === 1 || batch === 0) return false;
  const { device, dtype, hiddenSize: hidden, stateSizes, sequence, stackKind } = cell;
  const rows = cell.weight_hh.shape[0];
  const biased = cell.bias_hh !== undefined;
  const gates = layers * time * batch * rows;
  const weights = (2 * layers - 1) * rows * hidden;
  // The largest buffers of a wavefront. One layer's may fit where these do not.
  if (4 * Math.max(gates, weights) > device.backend.maxBufferBytes) return false;
  const sizes = [time, batch, hidden].map((size) => Math.ceil(Math.log2(size)));
  const way = device.autotuner.select({
    name: `${stackKind} layers`,
    sizeClass: `${layers} layers ${sizes.join()}`,
    candidates: WAYS,
    // Values and gradients; weights, their gradients, and copies in the order of a sweep.
    bytes: 4 * (2 * (gates + 3 * layers * time * batch * hidden) + 5 * weights),
    run: (way) =>
      scope(() => {
        const blank = (shape: Shape) => zeros(device, shape, { dtype, requiresGrad: true });
        const parameters = Array.from({ length: layers }, (): LayerWeights => ({
          weight_ih: blank([rows, hidden]),
          weight_hh: blank([rows, hidden]),
          biases: biased ? [blank([rows]), blank([rows])] : undefined,
        }));
        const state = stateSizes.map((size) => zeros(device, [layers, batch, size], { dtype }));
        const x = zeros(device, [time, batch, hidden], { dtype });
        const { output } =
          way === 'wavefront'
            ? sequence!(x, parameters, state)
            : layerByLayer(state, x, layers, (layer, from, before) =>
                sequence!(from, [parameters[layer]], before),
              );
        backward(output, { gradient: zeros(device, output.shape, { dtype }) });
      }),
  });
  return way === 'wavefront';
}
