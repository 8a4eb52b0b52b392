import type { DType } from '../backend/dtype';
import { expand } from '../ops/axes';
import { dispose, scope } from '../tensor/scope';
import { tensor, zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { CharModel } from './char_model';
import { readPrime } from './prime';
import { RANDOM_STREAM } from './sample_options';
import type { SamplePlan } from './sample_options';
import { MOST_OVER, samplerOf } from './samplers';
import type { Draws, Sampler } from './samplers';

/** Characters that are read at once: few at first, so that they are there soon, and more each time. */
const FIRST_CHUNK = 32;
const LAST_CHUNK = 1024;
/** Milliseconds after which a chunk is long enough. */
const CHUNK_MS = 10;

/** Texts under way after one prime, side by side: what their next characters depend on, on the device. */
export class Writer {
  readonly #sampler: Sampler;
  readonly #draws: Draws;
  readonly #length: number;
  #chunk = FIRST_CHUNK;
  /** Characters of each text that were made, and that were read. */
  #made = 0;
  #read = 0;

  private constructor(sampler: Sampler, draws: Draws, length: number) {
    this.#sampler = sampler;
    this.#draws = draws;
    this.#length = length;
  }

  /** Reads the prime, for texts with the seeds from the plan's on, one for each. */
  static async start(model: CharModel, plan: SamplePlan, streams: number): Promise<Writer> {
    const { device } = model.decoder.weight;
    const { ids, temperature, topK, topP, seed, length } = plan;
    const zero = model.zeroState(1);
    const state = await readPrime(model, ids.subarray(0, -1), zero).finally(() => dispose(zero));
    const make = (shape: number[], dtype: DType, of: (i: number) => number): Tensor => {
      const values = Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => of(i));
      return tensor(device, values, shape, { dtype });
    };
    const draws = scope(() => ({
      settings: make([3], 'f32', (i) => [temperature, topK, topP][i]),
      cursor: make([streams, 4], 'u32', (i) =>
        i % 4 === 0 ? (seed + i / 4) % 2 ** 32 : i % 4 === 1 ? RANDOM_STREAM : 0,
      ),
      id: make([1, streams], 'i32', () => ids[ids.length - 1]),
      drawn: zeros(device, [streams, LAST_CHUNK + MOST_OVER], { dtype: 'i32' }),
    }));
    let all: Tensor[] = [];
    try {
      all = scope(() => state.map((part) => expand(part, [part.shape[0], streams, part.shape[2]])));
      return new Writer(samplerOf(model, draws, all), draws, length);
    } catch (error) {
      dispose([draws, all]);
      throw error;
    } finally {
      dispose(state);
    }
  }

  /** The next ids of each text; none behind the last. */
  async next(): Promise<Int32Array[]> {
    const { drawn } = this.#draws;
    const [streams, capacity] = drawn.shape;
    const count = Math.min(this.#chunk, this.#length - this.#read);
    const begin = performance.now();
    const missing = this.#read + count - this.#made;
    if (missing > 0) this.#made += this.#sampler.advance(missing);
    const all = await drawn.data();
    const quick = performance.now() - begin < CHUNK_MS;
    if (quick) this.#chunk = Math.min(2 * this.#chunk, LAST_CHUNK);
    const first = this.#read;
    this.#read += count;
    return Array.from({ length: streams }, (_, stream) => {
      const ring = all.subarray(stream * capacity, (stream + 1) * capacity);
      const ids = new Int32Array(count);
      for (let i = 0; i < count; i++) ids[i] = ring[(first + i) % capacity];
      return ids;
    });
  }

  /** Whether all is read. */
  get done(): boolean {
    return this.#read === this.#length;
  }

  dispose(): void {
    this.#sampler.dispose();
    dispose(this.#draws);
  }
}
