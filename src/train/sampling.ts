import { ArgumentError } from '../errors';
import { Random } from '../random';
import { dispose } from '../tensor/scope';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { Vocabulary } from '../text/vocabulary';
import type { CharModel } from './char_model';
import { evaluating } from './evaluating';

export interface SampleOptions {
  /** Read before the first character is drawn; a line end when left out. */
  prime?: string;
  /** Characters to draw. */
  length?: number;
  /** Divides the logits: below 1 bolder, above 1 wilder, 0 always the likeliest. */
  temperature?: number;
  /** The same seed draws the same characters. */
  seed?: number;
}

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
  throw new ArgumentError(`temperature = ${temperature}; a finite number from 0 is needed`);
}

/**
 * What `sample` is to do, with the defaults filled in and the prime encoded.
 *
 * @throws TextError when `prime` has a character that the vocabulary lacks.
 * @throws ArgumentError for an empty prime, or a length, temperature or seed out of range.
 */
export function checkSample(
  vocabulary: Vocabulary,
  { prime, length = 200, temperature = 1, seed = 0 }: SampleOptions,
): { ids: Int32Array; length: number; temperature: number; seed: number } {
  checkTemperature(temperature);
  if (!Number.isInteger(length) || length < 0) {
    throw new ArgumentError(`length = ${length}; an integer from 0 is needed`);
  }
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new ArgumentError(`seed = ${seed}; an integer from 0 to ${2 ** 32 - 1} is needed`);
  }
  const start = prime ?? (vocabulary.has('\n') ? '\n' : vocabulary.character(0));
  if (start === '') throw new ArgumentError('prime is empty; give a character, or leave it out');
  return { ids: vocabulary.encode(start), length, temperature, seed };
}

/**
 * Draws text from a model, a character at a time; the state is carried, so each character costs
 * one step. What comes before the first character drawn (the prime) is not repeated.
 *
 * @throws what `checkSample` throws.
 */
export async function* sample(
  model: CharModel,
  vocabulary: Vocabulary,
  options: SampleOptions = {},
): AsyncGenerator<string, void> {
  const { ids, length, temperature, seed } = checkSample(vocabulary, options);
  const random = new Random(seed, 2);
  const { device } = model.decoder.weight;

  let state: Tensor[] | undefined;
  const read = (input: ArrayLike<number>): Tensor => {
    const result = evaluating(model, () =>
      model.forward(tensor(device, input, [input.length, 1], { dtype: 'i32' }), state),
    );
    dispose(state);
    state = result.state;
    return result.logits;
  };
  const last = async (logits: Tensor): Promise<ArrayLike<number>> => {
    const values = await logits.data();
    logits.dispose();
    return values.subarray(-vocabulary.size);
  };

  try {
    let logits = read(ids);
    for (let i = 0; i < length; i++) {
      const id = drawIndex(await last(logits), temperature, random);
      yield vocabulary.character(id);
      logits = read([id]);
    }
    logits.dispose();
  } finally {
    dispose(state);
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
