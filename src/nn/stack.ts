import { backward } from '../autograd/backward';
import { reshape, stack, unbind } from '../ops/movement';
import type { LayerWeights, SequenceInput, SequenceOptions } from '../ops/sequence';
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

function kindOf({ storage, arithmetic }: SequenceOptions): string {
  return `${arithmetic === 'f16' ? 'f16 ' : ''}${storage === 'f16' ? 'halves ' : ''}`;
}

const WAYS = ['layers', 'wavefront'] as const;

/**
 * Whether the adapter is faster when all layers are swept at once, as a wavefront. That takes fewer
 * dispatches, and occupies a GPU that one layer's step leaves idle; but it multiplies the input of the
 * higher layers step by step, where a layer by itself takes one product for all. So it is tried, a step
 * forward and back, by `device.tune()`.
 */
export function prefersWavefront(
  cell: Cell,
  layers: readonly LayerWeights[],
  time: number,
  batch: number,
  options: SequenceOptions,
): boolean {
  if (layers.length === 1 || time === 1 || batch === 0 || !cell.stacks) return false;
  const { device, dtype, hiddenSize: hidden, stateSizes } = cell;
  const rows = cell.weight_hh.shape[0];
  const biased = cell.bias_hh !== undefined;
  const sizes = [time, batch, hidden].map((size) => Math.ceil(Math.log2(size)));
  const blank = (shape: Shape): Tensor => zeros(device, shape, { dtype, requiresGrad: true });
  // The first layer's input is the same either way.
  const blankLayer = (width: number): LayerWeights => ({
    weight_ih: blank([rows, width]),
    weight_hh: blank([rows, hidden]),
    biases: biased ? [blank([rows]), blank([rows])] : undefined,
  });
  const trial = (way: string): void =>
    scope(() => {
      const weights = layers.map((_, layer) => blankLayer(layer === 0 ? 1 : hidden));
      const state = stateSizes.map((size) =>
        zeros(device, [layers.length, batch, size], { dtype }),
      );
      const x = zeros(device, [time, batch, 1], { dtype });
      const sweep = (
        from: SequenceInput,
        own: readonly LayerWeights[],
        before: readonly Tensor[],
      ) => cell.sequence!(from, own, before, options);
      const { output } =
        way === 'wavefront'
          ? sweep(x, weights, state)
          : layerByLayer(state, x, layers.length, (layer, from, before) =>
              sweep(from, [weights[layer]], before),
            );
      backward(output, { gradient: zeros(device, output.shape, { dtype }) });
    });
  return (
    device.backend.prefer({
      name: `stack of ${rows / hidden} gates`,
      sizeClass: `${kindOf(options)}${layers.length} layers ${sizes.join()}`,
      ways: WAYS,
      bytes: 8 * layers.length * time * batch * (rows + 3 * hidden),
      trial,
    }) === 'wavefront'
  );
}
