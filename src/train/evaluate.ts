import { cat, slice } from '../ops/movement';
import { dispose, scope } from '../tensor/scope';
import { zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { evaluationWindows } from '../text/streams';
import type { Window, WindowSize } from '../text/streams';
import { windowTensors } from './char_model';
import type { CharModel } from './char_model';
import { evalMode } from './eval_mode';
import { LossRing } from './loss_ring';
import type { Ids } from '../text/ids';

/** Windows whose losses wait on the device before they are read. */
const RING_WINDOWS = 64;
/** The least length of a stream, so that what is read twice is a small part of it. */
const MIN_STREAM_CHARACTERS = 2048;
/** States are compared after so many characters, then after half as many again, and so on. */
const FIRST_COMPARED_CHARACTER = 64;
const COMPARISON_GROWTH = 1.5;
/** How far two states that predict alike may differ; of values beyond 1, relative to these. */
const STATE_TOLERANCE = 1e-3;

/**
 * The mean loss on a text, in nats per character, as a single reader has it: each character but the
 * first is predicted once, from all that stands before it.
 *
 * Several streams are read side by side, which takes less time and gives the same loss. They begin
 * without a state. Where one ends the next begins, so their beginnings are then read again, each from
 * the state that the stream before has left, as far as that makes a difference. Streams that never
 * forget how they began are given up, and the text is read as one.
 *
 * @param ids [n] The text.
 * @param size How many streams there are at most, and how many characters of each a kernel takes: a
 *   matter of time and memory.
 * @throws ArgumentError when batch or seq is not a positive integer.
 * @throws TextError for fewer than two characters.
 *
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { bitsPerCharacter } from 'lethe/metrics';
 * import { evaluate, loadModel, readCheckpoint } from 'lethe/train';
 *
 * const file = await fetch('checkpoint.safetensors');
 * const checkpoint = readCheckpoint(new Uint8Array(await file.arrayBuffer()));
 * const { model, vocabulary } = loadModel(await openDevice('auto'), checkpoint);
 * const ids = vocabulary.encode('the sea ran to the river');
 * const loss = await evaluate(model, ids, { batch: 4, seq: 64 });
 * console.log(bitsPerCharacter(loss));
 * ```
 */
export async function evaluate(model: CharModel, ids: Ids, size: WindowSize): Promise<number> {
  // Refuses what is out of range.
  evaluationWindows(ids, size);
  const { batch, seq } = size;
  const streams = Math.min(
    batch,
    Math.max(1, Math.floor((ids.length - 1) / MIN_STREAM_CHARACTERS)),
  );
  const loss = await readText(model, ids, { batch: streams, seq });
  return loss ?? (await readText(model, ids, { batch: 1, seq }))!;
}

/** The loss, or undefined where the streams do not agree. */
async function readText(model: CharModel, ids: Ids, size: WindowSize): Promise<number | undefined> {
  const { batch } = size;
  const reader = new Reader(model, batch);
  try {
    await reader.readAll(evaluationWindows(ids, size));
    if (batch > 1 && !(await reader.readBeginnings(evaluationWindows(ids, size)))) return undefined;
    // Fewer characters than there are streams are left; the last stream goes on with them.
    const rest = ids.subarray(Math.floor((ids.length - 1) / batch) * batch);
    if (rest.length > 1) await reader.readOn(evaluationWindows(rest, { ...size, batch: 1 }));
    return await reader.mean();
  } finally {
    reader.dispose();
  }
}

class Reader {
  readonly #model: CharModel;
  readonly #ring: LossRing;
  /** Characters and losses by window; a loss is the latest. */
  readonly #sizes: number[] = [];
  readonly #losses: number[] = [];
  /** The windows whose losses are in the ring. */
  #waiting: number[] = [];
  #state: Tensor[];
  /** States by the window after which they were, the last one included. */
  readonly #marks = new Map<number, Tensor[]>();

  constructor(model: CharModel, batch: number) {
    this.#model = model;
    this.#ring = new LossRing(model.decoder.weight.device, RING_WINDOWS);
    this.#state = model.zeroState(batch);
  }

  /** Reads streams for the first time. */
  async readAll(windows: Iterable<Window>): Promise<void> {
    let [position, next] = [0, FIRST_COMPARED_CHARACTER];
    for (const window of windows) {
      await this.#read(this.#sizes.length, window);
      position += window.seq;
      if (position < next) continue;
      this.#marks.set(this.#sizes.length - 1, this.#state);
      next = position * COMPARISON_GROWTH;
    }
    this.#marks.set(this.#sizes.length - 1, this.#state);
  }

  /**
   * Reads every stream again, from the state that the one before has left; true once the states are
   * those of the first time.
   */
  async readBeginnings(windows: Iterable<Window>): Promise<boolean> {
    this.#take(handedOn(this.#state));
    let i = 0;
    for (const window of windows) {
      await this.#read(i, window);
      const mark = this.#marks.get(i++);
      if (mark && (await difference(mark, this.#state)) <= STATE_TOLERANCE) return true;
    }
    return false;
  }

  /** Reads on in the last stream. */
  async readOn(windows: Iterable<Window>): Promise<void> {
    const end = this.#marks.get(this.#sizes.length - 1)!;
    this.#take(scope(() => end.map((part) => slice(part, 1, { start: -1 }))));
    for (const window of windows) await this.#read(this.#sizes.length, window);
  }

  async mean(): Promise<number> {
    await this.#drain();
    const total = this.#sizes.reduce((sum, size) => sum + size, 0);
    return this.#losses.reduce((sum, loss, i) => sum + loss * (this.#sizes[i] / total), 0);
  }

  async #read(place: number, window: Window): Promise<void> {
    if (this.#ring.full) await this.#drain();
    const { batch, seq } = window;
    const { loss, state } = evalMode(this.#model, () =>
      this.#model.loss(
        windowTensors(this.#model.decoder.weight.device, batch, seq, window),
        this.#state,
      ),
    );
    this.#ring.push(loss);
    loss.dispose();
    this.#waiting.push(place);
    this.#sizes[place] = seq * batch;
    this.#take(state);
  }

  /** Goes on from a state; the one before is freed, if it is no mark. */
  #take(state: Tensor[]): void {
    if (![...this.#marks.values()].includes(this.#state)) dispose(this.#state);
    this.#state = state;
  }

  async #drain(): Promise<void> {
    const losses = await this.#ring.drain();
    for (const [i, place] of this.#waiting.entries()) this.#losses[place] = losses[i];
    this.#waiting = [];
  }

  dispose(): void {
    dispose([this.#state, ...this.#marks.values()]);
    this.#ring.dispose();
  }
}

/** The states in which streams begin, from those in which they end: the first begins with none. */
function handedOn(ends: readonly Tensor[]): Tensor[] {
  return scope(() =>
    ends.map((end) => {
      const [layers, , hidden] = end.shape;
      const none = zeros(end.device, [layers, 1, hidden], { dtype: end.dtype });
      return cat([none, slice(end, 1, { end: -1 })], 1);
    }),
  );
}

/** The largest difference of two states, relative to values above 1. */
async function difference(a: readonly Tensor[], b: readonly Tensor[]): Promise<number> {
  const values = await Promise.all([...a, ...b].map((part) => part.data()));
  let largest = 0;
  for (let part = 0; part < a.length; part++) {
    const [x, y] = [values[part], values[a.length + part]];
    for (let i = 0; i < x.length; i++) {
      largest = Math.max(largest, Math.abs(x[i] - y[i]) / Math.max(1, Math.abs(x[i])));
    }
  }
  return largest;
}
