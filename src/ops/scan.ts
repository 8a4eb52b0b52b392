import { noGrad, record, recording } from '../autograd/graph';
import { CellDefinition } from '../cell/definition';
import { ArgumentError } from '../errors';
import { matmul } from '../kernels/matmul';
import { matmulParams } from '../kernels/matmul_params';
import { scanKernels } from '../kernels/scan';
import { scatterAdd } from '../kernels/scatter_add';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { checkDevices, checkFloats, checkShapeIs, run } from './common';
import { rowsBy } from './indexing';
import { add } from './pointwise';
import { RaggedBatch } from './ragged';
import { paramsOf, parametersOf } from './scan_call';
import type { Scan } from './scan_call';
import { scanGradient } from './scan_gradient';
import { check, checkInput, matricesOf, project, sourceOf, vectorsOf } from './scan_input';
import type { LayerWeights, SequenceInput, Sizes } from './scan_input';
import { lastOf, outputOf, statesOf } from './scan_states';
import { SequenceOrder } from './sequence_order';
import { copyElements, elementsOf } from './strided';

/** What `scan` takes. */
export interface ScanOptions {
  /** From the last step to the first; the output stays in the order of time. */
  reverse?: boolean;
  /** For sequences of different lengths: where their steps lie in `input`, [rows, input]. */
  ragged?: RaggedBatch | SequenceOrder;
  /** [batch, gates hidden], added to what the gates get from the input at each sequence's first step. */
  firstStep?: Tensor;
  /**
   * The last state may be written over `state`, which saves copies where windows follow each other: what is
   * returned of it may then share its memory. What requires a gradient stays as it is.
   */
  overwriteState?: boolean;
}

const SCAN_OPTIONS: OptionNames<ScanOptions> = {
  reverse: 'boolean',
  ragged: true,
  firstStep: true,
  overwriteState: 'boolean',
};

/**
 * A recurrent layer over time, as one node of the graph: the input is projected by one product, the
 * cell's equations run over it, and each weight's gradient is one product over all steps.
 *
 * A layer takes a state of [batch, hidden] each. A list of layers takes [layers, batch, hidden] and is
 * run at once, as a wavefront in which layer l makes step t beside layer l - 1 making a later one; that is
 * for WebGPU, the CPU goes through it by its plain reference. The output of a list is a copy of its
 * highest layer's.
 *
 * For every step and layer it keeps hidden floats for each slot of the cell (where the gradient needs
 * them; `CellDefinition.slots`) and for each part of the state.
 *
 * Source: the order of work follows Appleyard et al. (2016).
 *
 * @param input [time, batch, input]; a table and ids into it; of a ragged batch [rows, input].
 * @param state its parts in the order of the cell's.
 * @returns the output, [time, batch, hidden] or [rows, hidden], and the last state, in the shape of `state`.
 * @throws ArgumentError, ShapeError, DTypeError, DeviceError, OutOfMemoryError or IndexError naming the
 *   argument; no kernel has run then.
 */
export function scan(
  cell: CellDefinition,
  input: SequenceInput,
  weights: LayerWeights | readonly LayerWeights[],
  state: readonly Tensor[],
  options: ScanOptions = {},
): {
  /** [time, batch, hidden], or [rows, hidden] of a ragged batch. */
  output: Tensor;
  /** The last, in the shape of `state`. */
  state: Tensor[];
} {
  if (!(cell instanceof CellDefinition)) {
    throw new ArgumentError(`scan: cell = ${describeValue(cell)}; use what defineCell gives`);
  }
  checkOptions('scan', options, SCAN_OPTIONS);
  const { reverse = false, ragged, firstStep, overwriteState = false } = options;
  const stacked = isList(weights);
  const layers = stacked ? weights : [weights];
  if (ragged) checkRagged(ragged, input);
  const sizes = check('scan', cell, input, layers, stacked, state, ragged);
  if (firstStep) checkFirstStep(firstStep, cell, input, sizes);
  const recurrent = cell.dense && !(sizes.time === 1 && !stacked);
  return forward({
    ...{ cell, input, layers, state, sizes, reverse, ragged, firstStep, recurrent, overwriteState },
  });
}

function checkRagged(ragged: RaggedBatch | SequenceOrder, input: SequenceInput): void {
  if (!(ragged instanceof RaggedBatch || ragged instanceof SequenceOrder)) {
    throw new ArgumentError(
      `scan: ragged = ${describeValue(ragged)}; a RaggedBatch is needed, or a SequenceOrder`,
    );
  }
  checkInput('scan', input);
  checkDevices('scan', { x: sourceOf(input), ragged: ragged.table });
}

function isList(
  weights: LayerWeights | readonly LayerWeights[],
): weights is readonly LayerWeights[] {
  return Array.isArray(weights);
}

function checkFirstStep(
  firstStep: Tensor,
  cell: CellDefinition,
  input: SequenceInput,
  { layers, batch, hidden }: Sizes,
): void {
  checkFloats('scan', { x: sourceOf(input), firstStep });
  checkShapeIs('scan', 'firstStep', firstStep, [batch, cell.gates.length * hidden]);
  if (layers === 1 && cell.slots.length === cell.gates.length) return;
  throw new ArgumentError(
    'scan: firstStep is for one layer of a cell that sees no gate apart; leave it out',
  );
}

function forward(scan: Scan): { output: Tensor; state: Tensor[] } {
  const { cell, input, layers, sizes, ragged, reverse, firstStep } = scan;
  const inputs = inputsOf(scan);
  return scope(() => {
    const gates = project(cell, input, layers, sizes);
    if (firstStep) addFirstStep(scan, firstStep, gates);
    const { whole, lead, states } = statesOf(scan, gates, recording(inputs));
    if (cell.dense && !scan.recurrent) addRecurrent(scan, gates);
    const vectors = vectorsOf(cell, layers, sizes.hidden);
    const weight = matricesOf(layers);
    const table = ragged?.table ?? weight;
    run(scanKernels(cell).forward, { weight, vectors, table, gates, states }, paramsOf(scan));
    if (ragged instanceof SequenceOrder) ragged.clear(states, sizes.hidden);
    const kept = cell.keepsSlots ? gates : undefined;
    const output = outputOf(scan, states);
    const last = lastOf(scan, states);
    record({
      name: 'scan',
      inputs,
      outputs: [output, ...last],
      savedForBackward: [
        ...('rows' in input ? [input.ids, input.rows] : [input]),
        ...layers.flatMap(parametersOf),
        ...(ragged
          ? [ragged.table, ...Object.values(reverse ? ragged.reverse : ragged.forward)]
          : []),
      ],
      intermediates: [states, ...(lead > 0 ? [whole] : []), ...(kept ? [kept] : [])],
      vjp: ([dy, ...dlast], retainGraph) =>
        scanGradient(scan, { whole, lead, states }, kept, dy, dlast, retainGraph),
    });
    return { output, state: last };
  });
}

/** A node's inputs: that of the scan, each layer's parameters, the state, and the first step's. */
function inputsOf({ input, layers, state, firstStep }: Scan): Tensor[] {
  return [
    sourceOf(input),
    ...layers.flatMap(parametersOf),
    ...state,
    ...(firstStep ? [firstStep] : []),
  ];
}

/** Adds what the first step gets, for each sequence at the row that it begins with. */
function addFirstStep({ ragged, reverse, sizes }: Scan, firstStep: Tensor, gates: Tensor): void {
  const [batch, width] = firstStep.shape;
  if (ragged) {
    const { first } = reverse ? ragged.reverse : ragged.forward;
    run(
      scatterAdd,
      { g: firstStep, ids: first, out: gates },
      { ...rowsBy(first, sizes.rows, width), add: 1 },
    );
    return;
  }
  noGrad(() => {
    const offset = reverse ? (sizes.time - 1) * batch * width : 0;
    const sum = add(elementsOf(gates, offset, firstStep.shape), firstStep);
    copyElements(sum, 0, gates, offset, sum.size);
  });
}

/** The recurrent products of a single step. */
function addRecurrent({ cell, layers, state, sizes, ragged }: Scan, gates: Tensor): void {
  const { hidden } = sizes;
  const width = cell.slots.length * hidden;
  const weight = layers[0].weight_hh!;
  for (const { gate, count, slot } of cell.runs) {
    run(
      matmul,
      { a: state[0], b: weight, bias: weight, out: gates },
      matmulParams({
        ...{ m: ragged?.firstRows ?? sizes.batch, n: count * hidden, k: hidden },
        ...{ row_b: 1, column_b: hidden, offset_b: gate * hidden * hidden },
        ...{ offset_out: slot * hidden, row_out: width },
        accumulate: slot < cell.gates.length ? 1 : 0,
      }),
    );
  }
}
