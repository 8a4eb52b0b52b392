import { drawToken } from '../kernels/draw_token';
import { canWrite, writeKernel, writerParams } from '../kernels/write_text';
import { Embedding } from '../nn/embedding';
import { ScanCell } from '../nn/cells/scan_cell';
import { assign } from '../ops/assign';
import { permute, transpose } from '../ops/axes';
import { run } from '../ops/common';
import { linear } from '../ops/matmul';
import { cat, reshape, stack } from '../ops/movement';
import { add } from '../ops/pointwise';
import type { RecordedStep } from '../tensor/recorded_step';
import { dispose } from '../tensor/scope';
import { zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { CharModel } from './char_model';
import { evalMode } from './eval_mode';

/** What draws characters, a row for each stream; `drawToken` tells. */
export interface Draws {
  /** [3] */
  readonly settings: Tensor;
  /** [streams, 4] */
  readonly cursor: Tensor;
  /** The last characters, [1, streams]. */
  readonly id: Tensor;
  /** [streams, capacity], by position. */
  readonly drawn: Tensor;
}

/** How a model writes. */
export interface Pen {
  /** Makes `count` characters of each stream, or a few more; how many. */
  advance(count: number): number;
  dispose(): void;
}

/** More characters than were asked for, at most. */
export const MOST_OVER = 7;

/**
 * The pen for a model: one dispatch for many characters, where a kernel serves it, else some dispatches
 * for each.
 *
 * @param state before the characters in `id`, each part [layers, streams, hidden]; the pen frees it.
 */
export function penOf(model: CharModel, draws: Draws, state: Tensor[]): Pen {
  const cells = cellsOf(model);
  return cells ? new Continuous(model, cells, draws, state) : new Stepwise(model, draws, state);
}

/** The cells, where a kernel writes with them: layers of one cell that is given by its equations. */
function cellsOf({ rnn, decoder }: CharModel): readonly ScanCell[] | undefined {
  // A kernel for a GPU: a CPU calls one after the other at no cost, and has vectors for each.
  const { tunable } = decoder.weight.device.backend;
  const scanned = rnn.cells.filter((cell) => cell instanceof ScanCell);
  if (!tunable || !rnn.fused || scanned.length < rnn.cells.length) return undefined;
  const [{ definition, hiddenSize: hidden }] = scanned;
  const [vocabulary] = decoder.weight.shape;
  const alike = scanned.every((cell) => cell.fused && cell.definition === definition);
  const sizes = { layers: scanned.length, hidden, vocabulary };
  return alike && canWrite(definition, sizes, tunable.limits) ? scanned : undefined;
}

/** Many characters in a dispatch. It keeps the weights as they are when it begins. */
class Continuous implements Pen {
  readonly #operands: Readonly<Record<'weights' | 'table' | 'vectors' | 'states', Tensor>>;
  readonly #write: (count: number) => void;

  constructor(model: CharModel, cells: readonly ScanCell[], draws: Draws, state: Tensor[]) {
    const [{ definition, hiddenSize: hidden }] = cells;
    const { embedding, decoder } = model;
    const [vocabulary] = decoder.weight.shape;
    const operands = evalMode(model, () => {
      const recurrent = cells.flatMap(({ weight_hh }) => (weight_hh ? [weight_hh] : []));
      const inputs = cells.slice(1).map(({ weight_ih }) => weight_ih);
      const [{ weight_ih }] = cells;
      const bias = decoder.bias ?? zeros(weight_ih.device, [vocabulary]);
      return {
        weights: join([...recurrent, ...inputs, decoder.weight].map(quads)),
        table:
          embedding instanceof Embedding
            ? linear(embedding.weight, weight_ih)
            : transpose(weight_ih, 0, 1),
        vectors: join([...cells.flatMap(vectorsOf), bias]),
        states: stack(state),
      };
    });
    dispose(state);
    this.#operands = operands;
    const [streams, capacity] = draws.drawn.shape;
    const sizes = { layers: cells.length, hidden, vocabulary, streams, capacity };
    this.#write = (count) => {
      run(writeKernel(definition), { ...operands, ...draws }, writerParams({ ...sizes, count }));
    };
  }

  advance(count: number): number {
    this.#write(count);
    return count;
  }

  dispose(): void {
    dispose(this.#operands);
  }
}

/** What a layer adds and multiplies by unit, as the kernel takes it. */
function vectorsOf({ definition, weight_ih, bias_ih, bias_hh, vectors }: ScanCell): Tensor[] {
  const own = definition.vectors.map((name) => vectors[name]);
  const none = () => zeros(weight_ih.device, [weight_ih.shape[0]]);
  const input = bias_ih ?? none();
  if (definition.biased) return [input, bias_hh ?? none(), ...own];
  return [bias_hh ? add(input, bias_hh) : input, ...own];
}

/** A matrix as the kernel takes it, [columns, ceil(rows / 4), 4]. */
function quads(matrix: Tensor): Tensor {
  const [rows, columns] = matrix.shape;
  const count = Math.ceil(rows / 4);
  const rest = 4 * count - rows;
  const whole = rest > 0 ? cat([matrix, zeros(matrix.device, [rest, columns])]) : matrix;
  return permute(reshape(whole, [4, count, columns]), [2, 1, 0]);
}

function join(tensors: readonly Tensor[]): Tensor {
  return cat(tensors.map((each) => reshape(each, [-1])));
}

/** A step for each character, which is recorded. */
class Stepwise implements Pen {
  readonly #model: CharModel;
  readonly #draws: Draws;
  readonly #state: Tensor[];
  /** Characters in a recording: a GPU is given several at once. */
  readonly #stride: number;
  #step: RecordedStep<void> | undefined;

  constructor(model: CharModel, draws: Draws, state: Tensor[]) {
    this.#model = model;
    this.#draws = draws;
    this.#state = state;
    this.#stride = draws.id.device.backend.tunable ? MOST_OVER + 1 : 1;
  }

  advance(count: number): number {
    let made = 0;
    for (; made < count; made += this.#stride) {
      if (this.#step) this.#step.replay();
      else {
        this.#step = this.#draws.id.device.record(() => {
          for (let i = 0; i < this.#stride; i++) this.#advance();
        });
      }
    }
    return made;
  }

  /** Reads the last characters, and draws those that come next. */
  #advance(): void {
    const { settings, cursor, id, drawn } = this.#draws;
    const [streams, capacity] = drawn.shape;
    evalMode(this.#model, () => {
      const { logits, state } = this.#model.forward(id, this.#state);
      const rows = { rows: streams, n: logits.shape[2], capacity };
      run(drawToken, { logits, settings, cursor, id, drawn }, rows);
      for (const [i, part] of this.#state.entries()) assign(part, state[i]);
    });
  }

  dispose(): void {
    this.#step?.dispose();
    dispose(this.#state);
  }
}
