import { detach } from '../autograd/graph';
import type { Batches } from '../data/batch';
import { assign } from '../ops/assign';
import { disown, dispose, scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import type { Ids } from '../text/ids';
import type { Streams } from '../text/streams';
import type { CharModel } from './char_model';
import { evaluate } from './evaluate';
import type { BatchTensors, Metrics, Position, Task } from './task';

/** A window of text: `ids` [time, batch], and `labels` [time batch], the character after each. */
export type TextBatch = {
  readonly [Name in 'ids' | 'labels']: {
    /** The lengths of the dimensions. */
    shape: number[];
    /** Ids of characters, row-major. */
    data: Int32Array<ArrayBuffer>;
  };
};

/**
 * Characters by truncated back-propagation through time: contiguous streams, the state carried from window
 * to window, detached, and reset where the streams begin again.
 */
export class CharTask implements Task<TextBatch> {
  /** What is trained. */
  readonly model: CharModel;
  /** Windows of the streams, in their order. */
  readonly batches: Batches<TextBatch>;
  /** Each part of [layers, batch, hidden], by name. */
  readonly carried: ReadonlyMap<string, Tensor>;
  readonly #validation: Ids;
  readonly #streams: Streams;
  /** After the window of the step under way. */
  #next: Tensor[] = [];

  /** @param validation held-out text, which may be too short to evaluate. */
  constructor(model: CharModel, streams: Streams, validation: Ids) {
    this.model = model;
    this.#streams = streams;
    this.#validation = validation;
    const state = model.zeroState(streams.batch);
    state.forEach(disown);
    this.carried = new Map(state.map((part, i) => [model.rnn.stateNames[i], part]));
    this.batches = { perEpoch: streams.windowsPerEpoch, batch: (_, index) => this.#window(index) };
  }

  #window(index: number): TextBatch {
    const { inputs, targets, seq, batch } = this.#streams.window(index);
    return {
      ids: { shape: [seq, batch], data: inputs },
      labels: { shape: [seq * batch], data: targets },
    };
  }

  prepare(_batch: TextBatch, { index }: Position): void {
    if (index === 0) this.#carry(scope(() => this.model.zeroState(this.#streams.batch)));
  }

  loss(window: BatchTensors<TextBatch>): Tensor {
    const before = [...this.carried.values()];
    const { loss, state } = this.model.loss(window, before, { overwriteState: true });
    this.#next = state.map(detach);
    return loss;
  }

  /** True where a part of the text is held out and long enough to evaluate. */
  get canEvaluate(): boolean {
    return this.#validation.length >= 2;
  }

  finish(): void {
    this.#carry(this.#next);
  }

  /** Loss on the held-out text, in nats per character. */
  async evaluate(): Promise<Metrics> {
    const { batch, seq } = this.#streams;
    return { loss: await evaluate(this.model, this.#validation, { batch, seq }) };
  }

  /** Frees the carried state; the model stays. */
  dispose(): void {
    dispose([...this.carried.values()]);
  }

  /** Takes over a state, by its values: the memory that the next window reads stays the same. */
  #carry(state: Tensor[]): void {
    [...this.carried.values()].forEach((part, i) => assign(part, state[i]));
    dispose(state);
  }
}
