import { drawToken } from '../kernels/draw_token';
import { layerStep } from '../kernels/layer_step';
import { canWrite, weightsOf, writeKernel, writerParams } from '../kernels/write_text';
import { ScanCell } from '../nn/cells/scan_cell';
import { assign } from '../ops/assign';
import { run } from '../ops/common';
import { stack, unbind } from '../ops/movement';
import type { RecordedStep } from '../tensor/recorded_step';
import { dispose, scope } from '../tensor/scope';
import { zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { CharModel } from './char_model';
import { evalMode } from './eval_mode';
import { join, quads, tableOf, vectorsOf } from './sampler_weights';

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

/** Makes the next characters of texts, by the weights that the model has at each call. */
export interface Sampler {
  /** Makes `count` characters of each stream, or a few more; how many. */
  advance(count: number): number;
  dispose(): void;
}

/** More characters than were asked for, at most. */
export const MOST_OVER = 7;

/**
 * Multiply-adds of a character up to which one workgroup makes it sooner than many do, which need a dispatch for
 * each layer and two or three besides. Calculated: at 64 bytes of weights a clock it takes 17 us, a chain of
 * four dispatches as long.
 */
const ONE_WORKGROUP = 2 ** 19;
/** Texts side by side up to which each may read all weights for itself. */
const FEW_STREAMS = 8;

/**
 * The sampler for a model: one dispatch for many characters, or one for each layer, where kernels serve it;
 * else the dispatches of the model's own step.
 *
 * @param state before the characters in `id`, each part [layers, streams, hidden]; the sampler frees it.
 */
export function samplerOf(model: CharModel, draws: Draws, state: Tensor[]): Sampler {
  const cells = cellsOf(model);
  // Kernels for a GPU: a CPU calls one after the other at no cost, and has vectors for each.
  const { tunable } = draws.id.device.backend;
  if (!cells || !tunable) return new ModelSampler(model, draws, state);
  const [{ definition, hiddenSize: hidden }] = cells;
  const [vocabulary] = model.decoder.weight.shape;
  const [streams] = draws.drawn.shape;
  const sizes = { layers: cells.length, hidden, vocabulary };
  const layered = streams <= FEW_STREAMS && hidden % 4 === 0;
  const small = weightsOf(definition, sizes) <= ONE_WORKGROUP;
  if ((small || !layered) && canWrite(definition, sizes, tunable.limits)) {
    return new KernelSampler(model, cells, draws, state);
  }
  if (layered) return new LayerSampler(model, cells, draws, state);
  return new ModelSampler(model, draws, state);
}

/** The cells, where they are alike, and each is one that is given by its equations. */
function cellsOf({ rnn }: CharModel): readonly ScanCell[] | undefined {
  const scanned = rnn.cells.filter((cell) => cell instanceof ScanCell);
  if (!rnn.fused || scanned.length < rnn.cells.length) return undefined;
  const [{ definition }] = scanned;
  const alike = scanned.every((cell) => cell.fused && cell.definition === definition);
  return alike ? scanned : undefined;
}

/** A model's weights in the order of the kernel that writes. */
type Laid = Record<'weights' | 'table' | 'vectors', Tensor>;

/** Many characters in a dispatch. */
class KernelSampler implements Sampler {
  readonly #model: CharModel;
  readonly #cells: readonly ScanCell[];
  readonly #draws: Draws;
  readonly #states: Tensor;
  #layout: RecordedStep<Laid> | undefined;

  constructor(model: CharModel, cells: readonly ScanCell[], draws: Draws, state: Tensor[]) {
    this.#model = model;
    this.#cells = cells;
    this.#draws = draws;
    this.#states = scope(() => stack(state));
    dispose(state);
  }

  advance(count: number): number {
    const [{ definition, hiddenSize: hidden }] = this.#cells;
    const [vocabulary] = this.#model.decoder.weight.shape;
    const [streams, capacity] = this.#draws.drawn.shape;
    const sizes = { layers: this.#cells.length, hidden, vocabulary, streams, capacity };
    const weights = this.#laidOut();
    run(
      writeKernel(definition),
      { ...weights, ...this.#draws, states: this.#states },
      writerParams({ ...sizes, count }),
    );
    return count;
  }

  /** The model's weights as they are now, in the kernel's order. */
  #laidOut(): Laid {
    if (this.#layout?.stale) this.#forget();
    if (this.#layout) this.#layout.replay();
    else {
      const { device } = this.#states;
      this.#layout = device.record(() => evalMode(this.#model, () => this.#layOut()));
    }
    return this.#layout.result;
  }

  #layOut(): Laid {
    const cells = this.#cells;
    const [{ weight_ih }] = cells;
    const { decoder } = this.#model;
    const recurrent = cells.flatMap(({ weight_hh }) => (weight_hh ? [weight_hh] : []));
    const inputs = cells.slice(1).map((cell) => cell.weight_ih);
    const bias = decoder.bias ?? zeros(weight_ih.device, [decoder.weight.shape[0]]);
    return {
      weights: join([...recurrent, ...inputs, decoder.weight].map(quads)),
      table: tableOf(this.#model, weight_ih),
      vectors: join([...cells.flatMap(vectorsOf), bias]),
    };
  }

  #forget(): void {
    if (this.#layout) dispose(Object.values(this.#layout.result));
    this.#layout?.dispose();
    this.#layout = undefined;
  }

  dispose(): void {
    this.#forget();
    dispose(this.#states);
  }
}

/** A text that is written by a recorded step. */
abstract class RecordedSampler implements Sampler {
  /** Characters in a recording: a GPU is given several at once. */
  readonly #stride: number;
  readonly #draws: Draws;
  #step: RecordedStep<void> | undefined;

  constructor(draws: Draws) {
    this.#draws = draws;
    this.#stride = draws.id.device.backend.tunable ? MOST_OVER + 1 : 1;
  }

  advance(count: number): number {
    // An optimiser that was made since the last time has moved the parameters.
    if (this.#step?.stale) {
      this.#step.dispose();
      this.#step = undefined;
    }
    let made = 0;
    for (; made < count; made += this.#stride) {
      if (this.#step) this.#step.replay();
      else {
        this.#step = this.#draws.id.device.record(() => {
          for (let i = 0; i < this.#stride; i++) this.write(i);
        });
      }
    }
    return made;
  }

  /** Reads the last characters, and draws those that come next; the i-th time in a recording. */
  protected abstract write(i: number): void;

  protected draw(logits: Tensor): void {
    const [streams, capacity] = this.#draws.drawn.shape;
    const rows = { rows: streams, n: logits.shape.at(-1)!, capacity };
    run(drawToken, { logits, ...this.#draws }, rows);
  }

  dispose(): void {
    this.#step?.dispose();
  }
}

/** A dispatch for each layer, and two or three for the logits and the draw. */
class LayerSampler extends RecordedSampler {
  readonly #model: CharModel;
  readonly #id: Tensor;
  readonly #layers: readonly {
    readonly cell: ScanCell;
    /** Two outputs, which take turns, [streams, hidden]. */
    readonly outputs: readonly Tensor[];
    /** The other parts of the state, [state - 1, streams, hidden]. */
    readonly rest: Tensor;
  }[];
  /** What the recorded dispatches read besides the model's own weights: the table, and each layer's vectors. */
  #laidOut: readonly Tensor[] | undefined;

  constructor(model: CharModel, cells: readonly ScanCell[], draws: Draws, state: Tensor[]) {
    super(draws);
    this.#model = model;
    this.#id = draws.id;
    this.#layers = evalMode(model, () => {
      const [outputs, ...others] = state.map((part) => unbind(part));
      const { device } = draws.id;
      return cells.map((cell, i) => ({
        cell,
        outputs: [outputs[i], zeros(device, outputs[i].shape)],
        rest: others.length > 0 ? stack(others.map((part) => part[i])) : zeros(device, [1]),
      }));
    });
    dispose(state);
  }

  override advance(count: number): number {
    this.#laidOut = evalMode(this.#model, () => {
      const cells = this.#layers.map(({ cell }) => cell);
      const vectors = cells.map((cell) => join(vectorsOf(cell)));
      const now = [tableOf(this.#model, cells[0].weight_ih), ...vectors];
      this.#laidOut?.forEach((tensor, i) => assign(tensor, now[i]));
      return this.#laidOut ?? now;
    });
    return super.advance(count);
  }

  protected write(i: number): void {
    const { decoder } = this.#model;
    const [table, ...vectorsOfLayers] = this.#laidOut!;
    evalMode(this.#model, () => {
      let input: Tensor | undefined;
      for (const [layer, { cell, outputs, rest }] of this.#layers.entries()) {
        const { definition, weight_ih, weight_hh = weight_ih } = cell;
        const [h, next] = i % 2 === 0 ? outputs : outputs.toReversed();
        const vectors = vectorsOfLayers[layer];
        const operands = { weight_hh, weight_ih, input: input ?? table, id: this.#id };
        const [rows, hidden] = h.shape;
        const by_id = input ? 0 : 1;
        run(
          layerStep(definition),
          { ...operands, vectors, h, next, rest },
          { by_id, rows, hidden },
        );
        input = next;
      }
      this.draw(decoder.forward(input!));
    });
  }

  override dispose(): void {
    super.dispose();
    dispose(this.#laidOut);
    for (const { outputs, rest } of this.#layers) dispose([outputs, rest]);
  }
}

/** The model's own step for each character. */
class ModelSampler extends RecordedSampler {
  readonly #model: CharModel;
  readonly #id: Tensor;
  readonly #state: Tensor[];

  constructor(model: CharModel, draws: Draws, state: Tensor[]) {
    super(draws);
    this.#model = model;
    this.#id = draws.id;
    this.#state = state;
  }

  protected write(): void {
    evalMode(this.#model, () => {
      const { logits, state } = this.#model.forward(this.#id, this.#state);
      this.draw(logits);
      for (const [i, part] of this.#state.entries()) assign(part, state[i]);
    });
  }

  override dispose(): void {
    super.dispose();
    dispose(this.#state);
  }
}
