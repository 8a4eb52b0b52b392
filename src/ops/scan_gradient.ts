import type { Gradients } from '../autograd/graph';
import { gather } from '../kernels/gather';
import { matmul } from '../kernels/matmul';
import { matmulParams } from '../kernels/matmul_params';
import { scanKernels } from '../kernels/scan';
import { scatterAdd } from '../kernels/scatter_add';
import type { Tensor } from '../tensor/tensor';
import { emptyLike, fullLike, run, zerosLike } from './common';
import { rowsBy } from './indexing';
import { reshape, slice } from './movement';
import { sum } from './reduce';
import { paramsOf } from './scan_call';
import type { Scan } from './scan_call';
import { matricesOf, sourceOf, vectorsOf } from './scan_input';
import type { LayerWeights } from './scan_input';
import type { States } from './scan_states';
import { SequenceOrder } from './sequence_order';
import { copyElements, elementsOf } from './strided';

/**
 * Gradients of a scan's input, parameters and state, in the order of its node's inputs.
 *
 * @param gates what the slots kept; undefined where the gradient needs none.
 */
export function scanGradient(
  scan: Scan,
  all: States,
  kept: Tensor | undefined,
  dy: Tensor | undefined,
  dlast: Gradients,
  retainGraph: boolean,
): (Tensor | undefined)[] {
  const { cell, layers, state, sizes, firstStep, recurrent, ragged } = scan;
  const { states } = all;
  const { time, rows, hidden } = sizes;
  const width = cell.slots.length * hidden;
  const dgates = kept ? (retainGraph ? slice(kept, 0) : kept) : emptyLike(states, [rows, width]);
  const dstate = dstateOf(scan, dlast, states);
  const toFirst = state[0].requiresGrad;
  const weight = matricesOf(layers);
  run(
    scanKernels(cell).backward,
    {
      ...{ weight, vectors: vectorsOf(cell, layers, hidden), table: ragged?.table ?? weight },
      ...{ gates: dgates, states, dy: dy ?? fullLike(states, outputShape(scan), 0), dstate },
    },
    { ...paramsOf(scan), end: recurrent && toFirst ? time + 1 : time },
  );
  if (ragged instanceof SequenceOrder) ragged.clear(dgates, width);
  if (cell.dense && !recurrent && toFirst) backThroughStep(scan, dgates, dstate);
  const { dinput, dweight } = inputGradients(scan, dgates);
  const sums = layers[0].bias_ih && biasSums(scan, dgates);
  return [
    dinput,
    ...layers.flatMap((layer, i) => [
      i === 0 ? dweight : higherInput(scan, dgates, states, i),
      ...recurrentGradients(scan, dgates, all, layer, i),
      ...(sums ? biasGradients(scan, sums[i]) : []),
      ...cell.vectors.map((_, v) => vectorGradient(scan, dstate, v, i)),
    ]),
    ...state.map((part, i) => (part.requiresGrad ? stateGradient(scan, dstate, i) : undefined)),
    ...(firstStep ? [firstStepGradient(scan, dgates, firstStep)] : []),
  ];
}

function outputShape({ sizes: { time, batch, hidden, rows }, ragged }: Scan): number[] {
  return ragged ? [rows, hidden] : [time, batch, hidden];
}

/** Gradients of the last state, and zeros for what is summed of the vectors. */
function dstateOf({ cell, state, sizes }: Scan, dlast: Gradients, like: Tensor): Tensor {
  const { layers, batch, hidden } = sizes;
  const size = layers * batch * hidden;
  const parts = state.length + cell.vectors.length;
  const dstate = fullLike(like, [parts, size], 0);
  dlast.forEach((g, i) => {
    if (g) copyElements(g, 0, dstate, i * size, size);
  });
  return dstate;
}

/** Of a single step: what comes back through the recurrent weights. */
function backThroughStep(
  { cell, layers, sizes, ragged }: Scan,
  dgates: Tensor,
  dstate: Tensor,
): void {
  const { hidden, batch } = sizes;
  const weight = layers[0].weight_hh!;
  for (const { gate, count, slot } of cell.runs) {
    run(
      matmul,
      { a: dgates, b: weight, bias: weight, out: dstate },
      matmulParams({
        ...{ m: ragged?.firstRows ?? batch, n: hidden, k: count * hidden },
        ...{ row_a: cell.slots.length * hidden, offset_a: slot * hidden },
        ...{ offset_b: gate * hidden * hidden, accumulate: 1 },
      }),
    );
  }
}

/** Of the input and of the first layer's weight. */
function inputGradients({ cell, input, layers, sizes }: Scan, dgates: Tensor) {
  const { hidden } = sizes;
  const [{ weight_ih: weight }] = layers;
  const width = cell.slots.length * hidden;
  const [gates, size] = weight.shape;
  const source = sourceOf(input);
  const count = source.size / size;
  let g = dgates;
  if ('rows' in input) {
    g = emptyLike(dgates, [count, width]);
    run(
      scatterAdd,
      { g: dgates, ids: input.ids, out: g },
      { ...rowsBy(input.ids, count, width), add: 0 },
    );
  }
  let dinput: Tensor | undefined;
  if (source.requiresGrad) {
    dinput = emptyLike(source);
    const params = matmulParams({ m: count, n: size, k: gates, row_a: width });
    run(matmul, { a: g, b: weight, bias: weight, out: dinput }, params);
  }
  let dweight: Tensor | undefined;
  if (weight.requiresGrad) {
    dweight = emptyLike(weight);
    const params = matmulParams({ m: gates, n: size, k: count, row_a: 1, column_a: width });
    run(matmul, { a: g, b: source, bias: source, out: dweight }, params);
  }
  return { dinput, dweight };
}

/** Of a higher layer's input weight: its input is the output of the layer below. */
function higherInput(
  { cell, layers, sizes }: Scan,
  dgates: Tensor,
  states: Tensor,
  layer: number,
): Tensor | undefined {
  const { time, batch, hidden } = sizes;
  const { weight_ih: weight } = layers[layer];
  if (!weight.requiresGrad) return undefined;
  const width = cell.slots.length * hidden;
  const steps = time * batch;
  const dweight = emptyLike(weight);
  run(
    matmul,
    { a: dgates, b: states, bias: states, out: dweight },
    matmulParams({
      ...{ m: cell.gates.length * hidden, n: hidden, k: steps, row_a: 1, column_a: width },
      ...{ offset_a: layer * steps * width, offset_b: (layer - 1) * steps * hidden },
    }),
  );
  return dweight;
}

/** Of weight_hh: the gradients of all steps, by the output before each. */
function recurrentGradients(
  scan: Scan,
  dgates: Tensor,
  { whole, lead, states }: States,
  { weight_hh: weight }: LayerWeights,
  layer: number,
): (Tensor | undefined)[] {
  if (!weight) return [];
  if (!weight.requiresGrad) return [undefined];
  const { cell, sizes, ragged, reverse } = scan;
  const { hidden, rows } = sizes;
  const width = cell.slots.length * hidden;
  const dweight = emptyLike(weight);
  let before = whole;
  if (ragged) {
    const { previous } = reverse ? ragged.reverse : ragged.forward;
    before = emptyLike(states, [rows, hidden]);
    const params = rowsBy(previous, rows + sizes.batch, hidden);
    run(gather, { x: states, ids: previous, out: before }, params);
  }
  for (const { gate, count, slot } of cell.runs) {
    pairs(scan, lead, layer).forEach(({ steps, gates, outputs }, i) => {
      run(
        matmul,
        { a: dgates, b: before, bias: before, out: dweight },
        matmulParams({
          ...{ m: count * hidden, n: hidden, k: steps, row_a: 1, column_a: width },
          ...{ offset_a: gates * width + slot * hidden, offset_b: outputs },
          ...{ offset_out: gate * hidden * hidden, accumulate: i > 0 ? 1 : 0 },
        }),
      );
    });
  }
  return [dweight];
}

/** Steps in a row whose outputs before lie in a row too; where both begin, in elements of the outputs. */
function pairs({ sizes, reverse, ragged }: Scan, lead: number, layer: number) {
  const { layers, time, batch, rows, hidden } = sizes;
  if (ragged) return [{ steps: rows, gates: 0, outputs: 0 }];
  const first = layer * time * batch;
  const initial = rows + layer * batch;
  const others = (time - 1) * batch;
  // The initial outputs lie behind those of the last step.
  const step = batch * hidden;
  if (lead > 0) return [{ steps: rows, gates: 0, outputs: lead - step }];
  if (reverse && layers === 1) return [{ steps: rows, gates: 0, outputs: step }];
  return [
    { steps: batch, gates: first + (reverse ? others : 0), outputs: initial * hidden },
    ...(others > 0
      ? [
          {
            steps: others,
            gates: first + (reverse ? 0 : batch),
            outputs: (first + (reverse ? batch : 0)) * hidden,
          },
        ]
      : []),
  ];
}

/** By layer, the sums over all steps of what went into the slots. */
function biasSums({ cell, sizes }: Scan, dgates: Tensor): Tensor[] {
  const { layers, rows, hidden } = sizes;
  const width = cell.slots.length * hidden;
  if (layers === 1) return [sum(dgates, { dim: 0 })];
  const all = sum(reshape(dgates, [layers, rows / layers, width]), { dim: 1 });
  return Array.from({ length: layers }, (_, i) =>
    reshape(slice(all, 0, { start: i, end: i + 1 }), [width]),
  );
}

/** Of bias_ih, and of bias_hh where there is one. */
function biasGradients({ cell, sizes }: Scan, sums: Tensor): Tensor[] {
  const { hidden } = sizes;
  if (!cell.dense) return [sums];
  if (!cell.biased) return [sums, sums];
  const ofInput = sums.view([cell.gates.length * hidden]);
  const ofRecurrence = emptyLike(ofInput);
  for (const { gate, count, slot } of cell.runs) {
    copyElements(sums, slot * hidden, ofRecurrence, gate * hidden, count * hidden);
  }
  return [ofInput, ofRecurrence];
}

function vectorGradient(
  { cell, sizes }: Scan,
  dstate: Tensor,
  vector: number,
  layer: number,
): Tensor {
  const { layers, batch, hidden } = sizes;
  const row = (cell.state.length + vector) * layers + layer;
  return sum(elementsOf(dstate, row * batch * hidden, [batch, hidden]), { dim: 0 });
}

function stateGradient({ state }: Scan, dstate: Tensor, part: number): Tensor {
  const { size, shape } = state[part];
  return elementsOf(dstate, part * size, shape);
}

function firstStepGradient(
  { ragged, reverse, sizes }: Scan,
  dgates: Tensor,
  firstStep: Tensor,
): Tensor | undefined {
  if (!firstStep.requiresGrad) return undefined;
  const width = firstStep.shape[1];
  if (ragged) {
    const { first } = reverse ? ragged.reverse : ragged.forward;
    // Sequences without a step come last.
    const out = zerosLike(firstStep);
    run(gather, { x: dgates, ids: first, out }, rowsBy(first, sizes.rows, width));
    return out;
  }
  const { size, shape } = firstStep;
  return elementsOf(dgates, reverse ? (sizes.time - 1) * size : 0, shape);
}
