import { noGrad } from '../autograd/graph';
import { IndexError, TextError } from '../errors';
import { sigmoid } from '../kernels/math';
import { GRUCell } from '../nn/cells/gru_cell';
import { LSTMCell } from '../nn/cells/lstm_cell';
import type { RNNCell } from '../nn/cells/rnn_cell';
import { embedding } from '../ops/indexing';
import { linear } from '../ops/matmul';
import { cat, reshape, slice } from '../ops/movement';
import type { SequenceInput } from '../ops/scan_input';
import { dispose, scope } from '../tensor/scope';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { CharModel } from '../train/char_model';
import type { CellName } from '../train/config';

/** PyTorch's names: of an LSTM i, f, g, o, of a GRU r, z, n. */
export type GateName = 'i' | 'f' | 'g' | 'o' | 'r' | 'z' | 'n';

/** The gates of each cell in the order of its weights; g and n are the candidates. */
export const GATES: Readonly<Record<CellName, readonly GateName[]>> = {
  rnn: [],
  lstm: ['i', 'f', 'g', 'o'],
  gru: ['r', 'z', 'n'],
};

/**
 * What a layer did on a text. Every array is [time, hidden], row-major; row t is what there was once
 * character t was read.
 */
export interface LayerTrace {
  readonly cell: CellName;
  /** From 0, the lowest. */
  readonly layer: number;
  /** Characters. */
  readonly time: number;
  /** Units. */
  readonly hidden: number;
  readonly h: Float32Array;
  /** The cell state, of an LSTM. */
  readonly c?: Float32Array;
  /** tanh(c), what the output gate lets through, of an LSTM. */
  readonly tanhC?: Float32Array;
  /** After their squashing: from 0 to 1, candidates from -1 to 1. Empty for a plain RNN. */
  readonly gates: Readonly<Partial<Record<GateName, Float32Array>>>;
}

/** Characters that the device has under way at once. */
const WINDOW_CHARACTERS = 512;

/** What the device gives for a window of one layer, on a batch of 1. */
interface Sweep {
  /** [time, 1, hidden] */
  readonly y: Tensor;
  /** What the gates get from the input and from the state before, each [time, gates hidden]. */
  readonly parts: readonly [Tensor, Tensor] | undefined;
  readonly state: readonly Tensor[];
}

/**
 * The states and gates of all layers of a model while it reads a text, from a state of zeros and
 * without dropout. `model` must not change meanwhile.
 *
 * Every layer is swept as a whole. Its outputs then give the gates of all steps by one product,
 * W_ih x_t + W_hh h_(t-1) and the biases, and an LSTM's cell state follows from them by
 * c_t = f_t c_(t-1) + i_t g_t.
 *
 * @param ids of the characters, at least one.
 * @returns a trace for each layer, the lowest first.
 * @throws TextError when there is no id.
 * @throws IndexError for an id outside the vocabulary; nothing has run then.
 */
export async function traceCells(model: CharModel, ids: ArrayLike<number>): Promise<LayerTrace[]> {
  checkIds(ids, model.decoder.weight.shape[0]);
  const { device } = model.decoder.weight;
  const all = Int32Array.from(ids);
  const traces = model.rnn.cells.map((cell, layer) => blank(cell, layer, all.length));
  let states: (readonly Tensor[])[] = [];
  try {
    for (let start = 0; start < all.length; start += WINDOW_CHARACTERS) {
      const window = all.subarray(start, start + WINDOW_CHARACTERS);
      const sweeps = noGrad(() =>
        scope(() => {
          const at = tensor(device, window, [window.length, 1], { dtype: 'i32' });
          return sweep(model, at, states);
        }),
      );
      dispose(states);
      states = sweeps.map(({ state }) => state);
      try {
        const values = await Promise.all(sweeps.map(read));
        for (const [layer, { y, parts }] of values.entries()) fill(traces[layer], start, y, parts);
      } finally {
        dispose(sweeps.map(({ y, parts }) => [y, parts]));
      }
    }
  } finally {
    dispose(states);
  }
  return traces;
}

function checkIds(ids: ArrayLike<number>, vocabulary: number): void {
  if (ids.length === 0) {
    throw new TextError('traceCells: ids is empty; a text of at least one character is needed');
  }
  for (let t = 0; t < ids.length; t++) {
    if (Number.isInteger(ids[t]) && ids[t] >= 0 && ids[t] < vocabulary) continue;
    throw new IndexError(
      `traceCells: id ${ids[t]} at position ${t} is outside a vocabulary of ${vocabulary} ` +
        `characters (ids 0 to ${vocabulary - 1})`,
    );
  }
}

function nameOf(cell: RNNCell | LSTMCell | GRUCell): CellName {
  if (cell instanceof LSTMCell) return 'lstm';
  return cell instanceof GRUCell ? 'gru' : 'rnn';
}

function blank(cell: RNNCell | LSTMCell | GRUCell, layer: number, time: number): LayerTrace {
  const name = nameOf(cell);
  const hidden = cell.hiddenSize;
  const make = () => new Float32Array(time * hidden);
  return {
    ...{ cell: name, layer, time, hidden, h: make() },
    ...(name === 'lstm' ? { c: make(), tanhC: make() } : {}),
    gates: Object.fromEntries(GATES[name].map((gate) => [gate, make()])),
  };
}

/** All layers over ids of [time, 1]; `states` by layer, none for zeros. */
function sweep(model: CharModel, ids: Tensor, states: readonly (readonly Tensor[])[]): Sweep[] {
  let input: SequenceInput = model.embedding.asInput(ids);
  const sweeps: Sweep[] = [];
  for (const [layer, cell] of model.rnn.cells.entries()) {
    const before = states[layer] ?? cell.zeroState(1);
    const { output, state } = cell.scan(input, before);
    const gated = GATES[nameOf(cell)].length > 0;
    const parts = gated ? gateInputs(cell, input, before[0], output) : undefined;
    sweeps.push({ y: output, parts, state });
    input = output;
  }
  return sweeps;
}

/** What the gates of all steps get from the input, and from the states before: h0 and then y. */
function gateInputs(
  cell: RNNCell | LSTMCell | GRUCell,
  input: SequenceInput,
  h0: Tensor,
  y: Tensor,
): [Tensor, Tensor] {
  const [time, , hidden] = y.shape;
  const fromInput =
    'rows' in input ? embedding(input.ids, cell.project(input.rows)) : cell.project(input);
  const before = reshape(slice(y, 0, { end: time - 1 }), [time - 1, hidden]);
  const h = cat([reshape(h0, [1, hidden]), before]);
  // `project` has added the other biases.
  const bias = cell instanceof GRUCell ? cell.bias_hh : undefined;
  return [reshape(fromInput, [time, -1]), linear(h, cell.weight_hh, bias)];
}

interface Values {
  readonly y: ArrayLike<number>;
  readonly parts: readonly [ArrayLike<number>, ArrayLike<number>] | undefined;
}

async function read({ y, parts }: Sweep): Promise<Values> {
  const [values, gx, gh] = await Promise.all([y.data(), parts?.[0].data(), parts?.[1].data()]);
  return { y: values, parts: gx && gh && [gx, gh] };
}

/** Writes a window that begins at character `start` into the trace. */
function fill(trace: LayerTrace, start: number, y: Values['y'], parts: Values['parts']): void {
  const { hidden, gates, c, tanhC } = trace;
  trace.h.set(y, start * hidden);
  if (!parts) return;
  const { i, f, g, o, r, z, n } = gates;
  const width = GATES[trace.cell].length * hidden;
  const [gx, gh] = parts;
  for (let step = 0; step < y.length / hidden; step++) {
    for (let j = 0; j < hidden; j++) {
      const s = (start + step) * hidden + j;
      const at = step * width + j;
      const sum = (gate: number): number => gx[at + gate * hidden] + gh[at + gate * hidden];
      if (i && f && g && o && c && tanhC) {
        i[s] = sigmoid(sum(0));
        f[s] = sigmoid(sum(1));
        g[s] = Math.tanh(sum(2));
        o[s] = sigmoid(sum(3));
        c[s] = (s < hidden ? 0 : f[s] * c[s - hidden]) + i[s] * g[s];
        tanhC[s] = Math.tanh(c[s]);
      } else if (r && z && n) {
        r[s] = sigmoid(sum(0));
        z[s] = sigmoid(sum(1));
        n[s] = Math.tanh(gx[at + 2 * hidden] + r[s] * gh[at + 2 * hidden]);
      }
    }
  }
}
