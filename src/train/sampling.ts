import { keptOf } from '../kernels/draw_reference';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import type { Random } from '../random';
import type { Vocabulary } from '../text/vocabulary';
import type { CharModel } from './char_model';
import { checkLikeliest, checkSample, checkSampleTexts, checkTemperature } from './sample_options';
import type { SampleOptions, SamplePlan, SampleTextsOptions } from './sample_options';
import { Writer } from './writer';

/** Options of {@link drawIndex}: among which indices it draws. */
export type DrawIndexOptions = Pick<SampleOptions, 'topK' | 'topP'>;

const DRAW_INDEX_OPTIONS: OptionNames<DrawIndexOptions> = { topK: true, topP: true };

/**
 * The index drawn from softmax(logits / temperature), on the host: for a model of one's own, which is asked step by step.
 *
 * @param logits of one step, as its `data()` gives them.
 * @param temperature 0 for the likeliest.
 * @param options draw among the `topK` likeliest (0 for all), and among the fewest that hold `topP` of the probability.
 * @throws ArgumentError for a temperature below 0, or an option out of range.
 * @example
 * ```ts
 * import { Random } from 'lethe';
 * import { drawIndex } from 'lethe/train';
 *
 * const logits = [0, 2, 1, -4]; // of a model: await tensor.data()
 * const random = new Random(1);
 * console.log(drawIndex(logits, 0, random)); // 1
 * const id = drawIndex(logits, 0.8, random, { topK: 2 }); // 1, or less often 2
 * ```
 */
export function drawIndex(
  logits: ArrayLike<number>,
  temperature: number,
  random: Random,
  options: DrawIndexOptions = {},
): number {
  checkTemperature(temperature);
  checkOptions('drawIndex', options, DRAW_INDEX_OPTIONS);
  const { topK = 0, topP = 1 } = options;
  checkLikeliest(topK, topP);
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  if (temperature === 0) return best;
  const all = Array.from(logits, (x) => Math.exp((x - logits[best]) / temperature));
  const kept = keptOf(all, topK, topP);
  const weights = all.map((weight, i) => (kept[i] ? weight : 0));
  let rest = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i];
    if (rest < 0) return i;
  }
  return best;
}

/**
 * Draws text from a model. The device draws, feeds each character to the next step itself, and is read
 * many characters at a time. What comes before the first character drawn (the prime) is not repeated.
 *
 * The model may be trained between characters: what the device draws from then on is drawn by the new
 * weights, where these change in place; a parameter that another tensor takes the place of is not seen. It draws 32
 * characters ahead at first, up to 1,024 later.
 *
 * @throws what `checkSample` throws.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { loadModel, readCheckpoint, sample } from 'lethe/train';
 *
 * const file = await fetch('checkpoint.safetensors');
 * const checkpoint = readCheckpoint(new Uint8Array(await file.arrayBuffer()));
 * const { model, vocabulary } = loadModel(await openDevice('auto'), checkpoint);
 * let text = '';
 * for await (const character of sample(model, vocabulary, { prime: 'the ' })) text += character;
 * console.log(text.length); // 200
 * ```
 */
export async function* sample(
  model: CharModel,
  vocabulary: Vocabulary,
  options: SampleOptions = {},
): AsyncGenerator<string, void> {
  for await (const [ids] of written(model, checkSample(vocabulary, options), 1)) {
    for (const id of ids) yield vocabulary.character(id);
  }
}

/** The ids of texts side by side, as they are read: each time the next ones of every text. */
async function* written(
  model: CharModel,
  plan: SamplePlan,
  streams: number,
): AsyncGenerator<Int32Array[], void> {
  if (plan.length === 0) return;
  const writer = await Writer.start(model, plan, streams);
  try {
    while (!writer.done) yield await writer.next();
  } finally {
    writer.dispose();
  }
}

/**
 * All of what `sample` draws.
 *
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { loadModel, readCheckpoint, sampleText } from 'lethe/train';
 *
 * const file = await fetch('checkpoint.safetensors');
 * const checkpoint = readCheckpoint(new Uint8Array(await file.arrayBuffer()));
 * const { model, vocabulary } = loadModel(await openDevice('auto'), checkpoint);
 * console.log((await sampleText(model, vocabulary, { length: 30, topK: 5 })).length); // 30
 * ```
 */
export async function sampleText(
  model: CharModel,
  vocabulary: Vocabulary,
  options: SampleOptions = {},
): Promise<string> {
  let text = '';
  for await (const character of sample(model, vocabulary, options)) text += character;
  return text;
}

/** Texts that are drawn side by side. */
const SIDE_BY_SIDE = 1024;

/**
 * Draws `batch` texts after one prime, side by side: on a GPU in little more time than one takes. Text i is
 * what `sampleText` draws with the seed `seed` + i, but for a draw that rounding tips.
 *
 * @throws what `checkSampleTexts` throws.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { loadModel, readCheckpoint, sampleTexts } from 'lethe/train';
 *
 * const file = await fetch('checkpoint.safetensors');
 * const checkpoint = readCheckpoint(new Uint8Array(await file.arrayBuffer()));
 * const { model, vocabulary } = loadModel(await openDevice('auto'), checkpoint);
 * const texts = await sampleTexts(model, vocabulary, { batch: 4, length: 30, seed: 7 });
 * console.log(texts.length); // 4
 * ```
 */
export async function sampleTexts(
  model: CharModel,
  vocabulary: Vocabulary,
  options: SampleTextsOptions = {},
): Promise<string[]> {
  const { batch, ...plan } = checkSampleTexts(vocabulary, options);
  const texts: string[] = [];
  while (texts.length < batch) {
    const streams = Math.min(batch - texts.length, SIDE_BY_SIDE);
    const seed = (plan.seed + texts.length) % 2 ** 32;
    const some = new Array<string>(streams).fill('');
    for await (const all of written(model, { ...plan, seed }, streams)) {
      for (const [i, ids] of all.entries()) some[i] += vocabulary.decode(ids);
    }
    texts.push(...some);
  }
  return texts;
}
