import { noGrad } from '../autograd/graph';
import { TextError } from '../errors';
import type { Cell } from '../nn/cells/cell';
import { ScanCell } from '../nn/cells/scan_cell';
import { projectInput } from '../nn/cells/unroll';
import { linear } from '../ops/matmul';
import { cat, reshape, slice, stack, unbind } from '../ops/movement';
import type { SequenceInput } from '../ops/scan_input';
import { dispose, scope } from '../tensor/scope';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { checkKnown, checkParts } from './check';
import type { CharParts } from './check';
import { observe, observedGates } from './observe';
import type { ObservedGate } from './observe';

/**
 * What a layer did on a text. Every array is [time, hidden], row-major; row t is what there was once
 * character t was read.
 */
export interface LayerTrace {
  /** The name of its equations; of a cell written by hand, of its class. */
  readonly cell: string;
  /** From 0, the lowest. */
  readonly layer: number;
  /** Characters. */
  readonly time: number;
  /** Units. */
  readonly hidden: number;
  /** By the names of the state's parts, the output first: `h`, and `c` of an LSTM. */
  readonly states: Readonly<Record<string, Float32Array>>;
  /**
   * By their names in PyTorch's order, after the function that each goes through: from 0 to 1 for those in
   * `opening`, from -1 to 1 where it is tanh. What is the output itself is left out, so a plain RNN has
   * none; so are the gates of a cell written by hand, which are its own affair.
   */
  readonly gates: Readonly<Record<string, Float32Array>>;
  /** The gates that open and shut, by a sigmoid. */
  readonly opening: readonly string[];
}

/** Characters that the device has under way at once. */
const WINDOW = 512;

/** What the device gives for a window of one layer, on a batch of 1. */
interface LayerWindow {
  /** [time, 1, hidden] each: the output, and of a cell written by hand the other parts too. */
  readonly states: readonly Tensor[];
  /** What the gates get from the input and from the state before, each [time, gates hidden]. */
  readonly products: readonly (Tensor | undefined)[];
  /** The state after the window, [1, hidden] each. */
  readonly last: readonly Tensor[];
}

/**
 * The states and gates of all layers of a model while it reads a text, from a state of zeros and
 * without dropout. `model` must not change meanwhile.
 *
 * Every layer is one scan. Its outputs then give what the gates of all steps get by one product,
 * W_ih x_t + W_hh h_(t-1) and the biases, and the cell's equations give the rest, on the host. A cell that is
 * written by hand is unrolled.
 *
 * @param ids of the characters, at least one.
 * @returns a trace for each layer, the lowest first.
 * @throws TextError when there is no id.
 * @throws ArgumentError for a model without one of the three parts, or with a bidirectional layer.
 * @throws IndexError for an id outside the vocabulary; nothing has run then.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { traceCells } from 'lethe/inspect';
 * import { Embedding, Linear, LSTM } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const embedding = new Embedding(device, 30, 8);
 * const model = { embedding, rnn: new LSTM(device, 8, 16), decoder: new Linear(device, 16, 30) };
 * const [layer] = await traceCells(model, [4, 7, 1]);
 * console.log(layer.states.h.length, Object.keys(layer.gates).join(' ')); // 48 i f g o
 * ```
 */
export async function traceCells(model: CharParts, ids: ArrayLike<number>): Promise<LayerTrace[]> {
  if (ids.length === 0) {
    throw new TextError('traceCells: ids is empty; a text of at least one character is needed');
  }
  checkParts('traceCells', model);
  checkKnown('traceCells', ids, model.decoder.weight.shape[0]);
  const { device } = model.decoder.weight;
  const all = Int32Array.from(ids);
  const layers = await Promise.all(
    model.rnn.cells.map((cell, layer) => TracedLayer.of(cell, layer, all.length)),
  );
  let states: (readonly Tensor[])[] = [];
  try {
    for (let start = 0; start < all.length; start += WINDOW) {
      const window = all.subarray(start, start + WINDOW);
      const windows = noGrad(() =>
        scope(() => {
          const at = tensor(device, window, [window.length, 1], { dtype: 'i32' });
          return runLayers(model, at, states);
        }),
      );
      dispose(states);
      states = windows.map(({ last }) => last);
      try {
        const values = await Promise.all(windows.map(read));
        for (const [layer, value] of values.entries()) layers[layer].fill(start, value);
      } finally {
        dispose(windows.map(({ states, products }) => [states, products]));
      }
    }
  } finally {
    dispose(states);
  }
  return layers.map(({ trace }) => trace);
}

/** All layers over ids of [time, 1]; `states` by layer, none for zeros. */
function runLayers(
  { embedding: table, rnn }: Pick<CharParts, 'embedding' | 'rnn'>,
  ids: Tensor,
  states: readonly (readonly Tensor[])[],
): LayerWindow[] {
  let input: SequenceInput = table.asInput(ids);
  return rnn.cells.map((cell, layer) => {
    const before = states[layer] ?? cell.zeroState(1);
    const window = isEquations(cell) ? scanned(cell, input, before) : unrolled(cell, input, before);
    [input] = window.states;
    return window;
  });
}

/** Whether the cell does what its equations say. */
function isEquations(cell: Cell): cell is ScanCell {
  return cell instanceof ScanCell && cell.fused && cell.projSize === 0;
}

function scanned(cell: ScanCell, input: SequenceInput, before: readonly Tensor[]): LayerWindow {
  const { output, state: last } = cell.scan(input, before);
  const [time, , hidden] = output.shape;
  const fromInput = reshape(projectInput(cell, input), [time, -1]);
  if (!cell.weight_hh) return { states: [output], products: [fromInput], last };
  const h = cat([before[0], reshape(slice(output, 0, { end: time - 1 }), [time - 1, hidden])]);
  // `project` has added the other biases.
  const bias = cell.definition.biased ? cell.bias_hh : undefined;
  return { states: [output], products: [fromInput, linear(h, cell.weight_hh, bias)], last };
}

function unrolled(cell: Cell, input: SequenceInput, before: readonly Tensor[]): LayerWindow {
  const shared = cell.shared();
  let last = before;
  const steps = unbind(projectInput(cell, input)).map((gx) => (last = cell.step(gx, last, shared)));
  const states = before.map((_, part) => stack(steps.map((state) => state[part])));
  // What a step gave is freed with all that is not returned; the caller's own is never returned.
  return { states, products: [], last: last.map((part) => reshape(part, part.shape)) };
}

interface WindowValues {
  readonly states: readonly ArrayLike<number>[];
  readonly products: readonly (ArrayLike<number> | undefined)[];
}

async function read({ states, products }: LayerWindow): Promise<WindowValues> {
  const [values, sums] = await Promise.all([
    Promise.all(states.map((each) => each.data())),
    Promise.all(products.map(async (each) => each?.data())),
  ]);
  return { states: values, products: sums };
}

/** A trace that is being written, window by window. */
class TracedLayer {
  readonly trace: LayerTrace;
  readonly #cell: Cell;
  readonly #vectors: readonly ArrayLike<number>[];
  readonly #observed: readonly ObservedGate[];
  /** After what is written, on the host. */
  readonly #last: readonly Float32Array[];

  static async of(cell: Cell, layer: number, time: number): Promise<TracedLayer> {
    const vectors = Object.values(cell.vectors).map((vector) => vector.data());
    return new TracedLayer(cell, layer, time, await Promise.all(vectors));
  }

  constructor(cell: Cell, layer: number, time: number, vectors: readonly ArrayLike<number>[]) {
    const { hiddenSize: hidden, stateNames, stateSizes } = cell;
    const name = isEquations(cell) ? cell.definition.name : cell.constructor.name;
    const observed = isEquations(cell) ? observedGates(cell.definition) : [];
    this.#cell = cell;
    this.#vectors = vectors;
    this.#observed = observed;
    this.#last = stateSizes.map((size) => new Float32Array(size));
    const states = stateNames.map((part, i) => [part, new Float32Array(time * stateSizes[i])]);
    const gates = observed.map((gate) => [gate.name, new Float32Array(time * hidden)]);
    this.trace = {
      ...{ cell: name, layer, time, hidden },
      states: Object.fromEntries(states) as LayerTrace['states'],
      gates: Object.fromEntries(gates) as LayerTrace['gates'],
      opening: observed.filter(({ opens }) => opens).map((gate) => gate.name),
    };
  }

  /** Writes a window that begins at character `start`. */
  fill(start: number, { states: given, products: [fromInput, fromState] }: WindowValues): void {
    const cell = this.#cell;
    const { hidden, states, gates } = this.trace;
    let values = given;
    if (isEquations(cell)) {
      const vectors = this.#vectors;
      const layer = { hidden, fromInput: fromInput!, fromState, output: given[0], vectors };
      const found = observe(cell.definition, layer, this.#last);
      values = found.states;
      for (const { name, index } of this.#observed) {
        gates[name].set(found.gates[index], start * hidden);
      }
    }
    cell.stateNames.forEach((name, i) => {
      states[name].set(values[i], start * cell.stateSizes[i]);
    });
  }
}
