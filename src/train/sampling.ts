import { ArgumentError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import type { Random } from '../random';
import type { DType } from '../backend/dtype';
import { drawToken } from '../kernels/draw_token';
import { assign } from '../ops/assign';
import { run } from '../ops/common';
import { slice } from '../ops/movement';
import type { Device } from '../tensor/device';
import type { RecordedStep } from '../tensor/recorded_step';
import { dispose, scope } from '../tensor/scope';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { Unknown, Vocabulary } from '../text/vocabulary';
import type { CharModel } from './char_model';
import { evalMode } from './eval_mode';
import type { Ids } from '../text/ids';

export interface SampleOptions {
  /** Read before the first character is drawn; a line end when left out. */
  prime?: string;
  /** What becomes of characters of the prime that the vocabulary lacks; an error when left out. */
  unknown?: Unknown;
  /** Characters to draw. */
  length?: number;
  /** Divides the logits: below 1 safer, above 1 wilder, 0 always the likeliest. */
  temperature?: number;
  /** Draws among so many likeliest characters; 0 among all. */
  topK?: number;
  /** Draws among the fewest characters that hold so much of the probability; 1 among all. */
  topP?: number;
  /** The same seed draws the same characters. */
  seed?: number;
}

const SAMPLE_OPTIONS: OptionNames<SampleOptions> = {
  prime: true,
  unknown: true,
  length: true,
  temperature: true,
  topK: true,
  topP: true,
  seed: true,
};

/**
 * The index drawn from softmax(logits / temperature).
 *
 * @throws ArgumentError for a temperature below 0.
 */
export function drawIndex(logits: ArrayLike<number>, temperature: number, random: Random): number {
  checkTemperature(temperature);
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  if (temperature === 0) return best;
  const weights = Float64Array.from(logits, (x) => Math.exp((x - logits[best]) / temperature));
  let rest = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i];
    if (rest < 0) return i;
  }
  return best;
}

function checkTemperature(temperature: number): void {
  if (temperature >= 0 && Number.isFinite(temperature)) return;
  throw new ArgumentError(
    `temperature = ${describeValue(temperature)}; a finite number from 0 is needed`,
  );
}

/** What `sample` is to do. */
export interface SamplePlan {
  ids: Ids;
  length: number;
  temperature: number;
  topK: number;
  topP: number;
  seed: number;
}

function checkInteger(name: string, value: number, highest: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= highest) return;
  const range = highest === Infinity ? 'from 0' : `from 0 to ${highest}`;
  throw new ArgumentError(`${name} = ${describeValue(value)}; an integer ${range} is needed`);
}

/**
 * What `sample` is to do, with the defaults filled in and the prime encoded.
 *
 * @throws TextError when `prime` has a character that the vocabulary lacks.
 * @throws ArgumentError for an empty prime, or a number out of range.
 */
export function checkSample(vocabulary: Vocabulary, options: SampleOptions): SamplePlan {
  checkOptions('sample', options, SAMPLE_OPTIONS);
  const { prime, unknown, length = 200, temperature = 1, topK = 0, topP = 1, seed = 0 } = options;
  checkTemperature(temperature);
  checkInteger('length', length, Infinity);
  checkInteger('topK', topK, Infinity);
  checkInteger('seed', seed, 2 ** 32 - 1);
  if (!(topP > 0 && topP <= 1)) {
    throw new ArgumentError(`topP = ${describeValue(topP)}; a number above 0, up to 1, is needed`);
  }
  return { ids: primeOf(vocabulary, prime, unknown), length, temperature, topK, topP, seed };
}

/**
 * What is read first: a line end where no prime is given.
 *
 * @throws TextError when `prime` has a character that the vocabulary lacks, and `unknown` does not tell
 *   what becomes of it.
 * @throws ArgumentError for an empty one, or where all of it is skipped.
 */
export function primeOf(vocabulary: Vocabulary, prime?: string, unknown?: Unknown): Ids {
  const start = prime ?? (vocabulary.has('\n') ? '\n' : vocabulary.character(0));
  if (typeof start !== 'string') {
    throw new ArgumentError(`prime = ${describeValue(start)}; a string is needed`);
  }
  if (start === '') throw new ArgumentError('prime is empty; give a character, or leave it out');
  const ids = vocabulary.encode(start, { unknown });
  if (ids.length > 0) return ids;
  throw new ArgumentError('prime = a text of unknown characters; give one that the model knows');
}

/** Characters of a prime that are read at once. */
const PRIME_WINDOW_CHARACTERS = 512;

/**
 * The state after a text that is only read, in windows and without logits.
 *
 * @param before The state before it, which stays as it is.
 */
export async function readPrime(
  model: CharModel,
  ids: Ids,
  before: readonly Tensor[],
): Promise<Tensor[]> {
  const { device } = model.decoder.weight;
  let state = scope(() => before.map((part) => slice(part, 0)));
  try {
    for (let at = 0; at < ids.length; at += PRIME_WINDOW_CHARACTERS) {
      const window = ids.subarray(at, at + PRIME_WINDOW_CHARACTERS);
      const next = evalMode(model, () =>
        model.read(tensor(device, window, [window.length, 1], { dtype: 'i32' }), state),
      );
      dispose(state);
      state = next;
      await device.finish();
    }
    return state;
  } catch (error) {
    dispose(state);
    throw error;
  }
}

/**
 * Draws text from a model. The device draws, and feeds each character to the next step itself; the
 * step is recorded, and characters are read back many at a time. What comes before the first
 * character drawn (the prime) is not repeated.
 *
 * @throws what `checkSample` throws.
 */
export async function* sample(
  model: CharModel,
  vocabulary: Vocabulary,
  options: SampleOptions = {},
): AsyncGenerator<string, void> {
  const plan = checkSample(vocabulary, options);
  if (plan.length === 0) return;
  const writer = new Writer(model, plan);
  try {
    for (let written = 0; written < plan.length;) {
      for (const id of await writer.write(Math.min(plan.length - written, CHUNK_CHARACTERS))) {
        yield vocabulary.character(id);
        written++;
      }
    }
  } finally {
    writer.dispose();
  }
}

/** Characters drawn between two reads. */
const CHUNK_CHARACTERS = 32;

/** Keeps the draws of `sample` apart from other random numbers of one seed. */
const RANDOM_STREAM = 2;

/** A text under way: what the next character depends on, on the device. */
class Writer {
  readonly #model: CharModel;
  readonly #device: Device;
  readonly #settings: Tensor;
  readonly #cursor: Tensor;
  readonly #drawn: Tensor;
  /** The last character, [1, 1]. */
  readonly #id: Tensor;
  readonly #state: Tensor[];
  /** What is to be read before the last character. */
  #prime: Ids;
  #step: RecordedStep<void> | undefined;
  #position = 0;

  constructor(model: CharModel, { ids, temperature, topK, topP, seed }: SamplePlan) {
    this.#model = model;
    this.#device = model.decoder.weight.device;
    const make = (values: number[], dtype: DType): Tensor =>
      tensor(this.#device, values, [values.length], { dtype });
    this.#settings = make([temperature, topK, topP], 'f32');
    this.#cursor = make([seed, RANDOM_STREAM, 0, 0], 'u32');
    this.#drawn = make(new Array<number>(CHUNK_CHARACTERS).fill(0), 'i32');
    this.#id = tensor(this.#device, ids.subarray(-1), [1, 1], { dtype: 'i32' });
    this.#state = model.zeroState(1);
    this.#prime = ids.subarray(0, -1);
  }

  /** The next characters, `CHUNK_CHARACTERS` at most. */
  async write(count: number): Promise<number[]> {
    if (this.#prime.length > 0) {
      const state = await readPrime(this.#model, this.#prime, this.#state);
      for (const [i, part] of this.#state.entries()) assign(part, state[i]);
      dispose(state);
      this.#prime = this.#prime.subarray(0, 0);
    }
    const first = this.#position;
    for (; this.#position < first + count; this.#position++) {
      if (this.#step) this.#step.replay();
      else this.#step = this.#device.record(() => this.#advance());
    }
    const drawn = await this.#drawn.data();
    return Array.from({ length: count }, (_, i) => drawn[(first + i) % CHUNK_CHARACTERS]);
  }

  /** Reads the last character, and draws the one that comes next. */
  #advance(): void {
    evalMode(this.#model, () => {
      const { logits, state } = this.#model.forward(this.#id, this.#state);
      const n = logits.shape[2];
      run(
        drawToken,
        {
          logits,
          settings: this.#settings,
          cursor: this.#cursor,
          id: this.#id,
          drawn: this.#drawn,
        },
        { n, offset: 0, capacity: CHUNK_CHARACTERS },
      );
      for (const [i, part] of this.#state.entries()) assign(part, state[i]);
    });
  }

  dispose(): void {
    this.#step?.dispose();
    dispose([this.#settings, this.#cursor, this.#drawn, this.#id, this.#state]);
  }
}

/** All of what `sample` draws. */
export async function sampleText(
  model: CharModel,
  vocabulary: Vocabulary,
  options: SampleOptions = {},
): Promise<string> {
  let text = '';
  for await (const character of sample(model, vocabulary, options)) text += character;
  return text;
}
