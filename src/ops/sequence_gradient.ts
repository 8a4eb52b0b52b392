import { matmul, matmulParams } from '../kernels/matmul';
import { scatterAdd } from '../kernels/scatter_add';
import type { Tensor } from '../tensor/tensor';
import { emptyLike, fullLike, run, zerosLike } from './common';
import { product } from './matmul';
import { reshape, slice, unbind } from './movement';
import { sum } from './reduce';
import { sourceOf, walk } from './sequence_layer';
import type { SequenceInput } from './scan_input';
import type { LayerWeights } from './sequence_layer';

/** Gradients of the input, its weight and its bias, from that of the projection. */
export function projectBack(g: Tensor, input: SequenceInput, weight: Tensor) {
  const [width, size] = weight.shape;
  const source = sourceOf(input);
  const rows = reshape(source, [source.size / size, size]);
  let grows = reshape(g, [g.size / width, width]);
  if ('rows' in input) {
    grows = fullLike(g, [rows.shape[0], width], 0);
    run(scatterAdd, { g, ids: input.ids, out: grows }, walk(input, width));
  }
  return {
    dinput: source.requiresGrad
      ? reshape(product(grows, weight, [], false, false), source.shape)
      : undefined,
    dweight: weight.requiresGrad ? product(grows, rows, [], true, false) : undefined,
    dbias: () => sum(grows, { dim: 0 }),
  };
}

/** Gradient of a higher layer's input weight, from those of all gates, [layers, ..., width]. */
export function inputGradient(
  g: Tensor,
  y: Tensor,
  weight: Tensor,
  layer: number,
): Tensor | undefined {
  if (!weight.requiresGrad) return undefined;
  const [, time, batch, width] = g.shape;
  const [, hidden] = weight.shape;
  const out = emptyLike(weight);
  const steps = time * batch;
  run(
    matmul,
    { a: g, b: y, bias: g, out },
    matmulParams({
      ...{ m: width, n: hidden, k: steps, row_a: 1, column_a: width },
      ...{ offset_a: layer * steps * width, offset_b: (layer - 1) * steps * hidden },
    }),
  );
  return out;
}

/**
 * Adds g^T h to `out`, from row `row` of it on, over all steps of a layer: h is the state before each
 * step, h0 and then y. The gradients g are `columns` wide parts of rows of `width`,
 * [layers, time, batch, width], or of a layer by itself without the first dimension.
 */
export function recurrentGradient(
  out: Tensor,
  row: number,
  g: Tensor,
  columns: number,
  h0: Tensor,
  y: Tensor,
  layer: number,
): void {
  const [time, batch, width] = g.shape.slice(-3);
  const hidden = h0.shape.at(-1)!;
  const shared = { m: columns, n: hidden, row_a: 1, column_a: width, offset_out: row * hidden };
  const offset_a = layer * time * batch * width;
  run(
    matmul,
    { a: g, b: h0, bias: g, out },
    matmulParams({ ...shared, k: batch, offset_a, offset_b: layer * batch * hidden }),
  );
  run(
    matmul,
    { a: g, b: y, bias: g, out },
    matmulParams({
      ...shared,
      k: (time - 1) * batch,
      accumulate: 1,
      offset_a: offset_a + batch * width,
      offset_b: layer * time * batch * hidden,
    }),
  );
}

/** A copy to be changed in place: of a gradient, or zeros where there is none. */
export function carried(gradient: Tensor | undefined, like: Tensor): Tensor {
  return gradient ? slice(gradient, 0) : zerosLike(like);
}

/**
 * Gradients of a sweep's input and of each layer's parameters, in the order of `inputsOf`, from those of
 * what went into the gates.
 *
 * @param dweightHh gradient of a layer's recurrent weight.
 * @param dbiasHh gradients of the layers' recurrent biases; those of the input's, when left out.
 */
export function inputGradients(
  g: Tensor,
  input: SequenceInput,
  layers: readonly LayerWeights[],
  y: Tensor,
  dweightHh: (layer: number, weight: Tensor) => Tensor,
  dbiasHh?: (layer: number, dbias: Tensor) => Tensor,
): (Tensor | undefined)[] {
  const [{ weight_ih, biases }] = layers;
  const [width] = weight_ih.shape;
  const first = layers.length === 1 ? g : g.view(g.shape.slice(1));
  const { dinput, dweight, dbias } = projectBack(first, input, weight_ih);
  const sums =
    biases && layers.length > 1
      ? unbind(sum(reshape(g, [layers.length, g.size / layers.length / width, width]), { dim: 1 }))
      : biases && [dbias()];
  return [
    dinput,
    ...layers.flatMap(({ weight_ih, weight_hh }, layer) => [
      layer === 0 ? dweight : inputGradient(g, y, weight_ih, layer),
      weight_hh.requiresGrad ? dweightHh(layer, weight_hh) : undefined,
      ...(sums ? [sums[layer], dbiasHh?.(layer, sums[layer]) ?? sums[layer]] : []),
    ]),
  ];
}
