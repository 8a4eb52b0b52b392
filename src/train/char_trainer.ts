import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import { Generator } from '../tensor/generator';
import type { EncodedText } from '../text/encoded';
import { encoded } from '../text/encoded';
import type { Vocabulary } from '../text/vocabulary';
import { CharModel } from './char_model';
import { CharTask } from './char_task';
import { completeConfig } from './config';
import type { TrainConfig } from './config';
import type { Progress } from './progress';
import { sample } from './sampling';
import type { SampleOptions } from './sample_options';
import { layOut, makeOptimizer, makeSchedule } from './setup';
import { markText } from './text_mark';
import type { TextMark } from './text_mark';
import { Trainer } from './trainer';

/**
 * Trains a character model on a text: a `Trainer` whose task, optimiser and schedule come from settings.
 *
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { CharTrainer } from 'lethe/train';
 *
 * const text = 'the river ran to the sea, and the sea ran to the shore. '.repeat(40);
 * const device = await openDevice('auto');
 * const trainer = new CharTrainer(device, text, { hidden: 32, batch: 4, seq: 16 });
 * while (trainer.step < 20) await trainer.trainStep();
 * let written = '';
 * for await (const character of trainer.sample({ prime: 'the ', length: 30 })) written += character;
 * console.log(written.length); // 30
 * ```
 */
export class CharTrainer extends Trainer<CharTask> {
  /** The characters that the model knows. */
  readonly vocabulary: Vocabulary;
  /** All settings, defaults filled in. */
  readonly config: TrainConfig;
  /** Of its text, for checkpoints: that of the checkpoint in a resumed run, else with `text` as its source. */
  textMark: TextMark;
  readonly #generator: Generator;

  /**
   * @param vocabulary that of the text when left out; a checkpoint brings its own.
   * @throws TextError for an empty text, or one shorter than one window.
   * @throws ArgumentError naming a setting out of range, or a `forgetBias` for a cell without a gate f.
   */
  constructor(
    device: Device,
    text: string | EncodedText,
    settings: Partial<TrainConfig> = {},
    vocabulary?: Vocabulary,
    progress?: Progress,
  ) {
    checkDevice('CharTrainer', device);
    const own = encoded(text);
    const config = completeConfig(settings);
    const known = vocabulary ?? own.vocabulary;
    const { streams, validation } = layOut(own, config, known, progress?.cursor);
    const { seed, clip, clipValue } = config;
    const generator = new Generator(device, seed, progress?.generator);
    const model = new CharModel(device, known.size, config, seed, generator);
    super(device, new CharTask(model, streams, validation), {
      optimizer: makeOptimizer(model, config),
      schedule: makeSchedule(config),
      ...(clip > 0 && { clipNorm: clip }),
      ...(clipValue > 0 && { clipValue }),
      generator,
    });
    this.textMark = markText(own);
    this.config = config;
    this.vocabulary = known;
    this.#generator = generator;
    if (progress) this.goTo(progress);
  }

  /** Characters that one step reads. */
  get charactersPerStep(): number {
    return this.config.batch * this.config.seq;
  }

  /** Draws text from the model as it is now, a character at a time. */
  sample(options: SampleOptions = {}): AsyncGenerator<string, void> {
    return sample(this.model, this.vocabulary, options);
  }

  /** Frees model, optimiser and state. */
  override dispose(): void {
    super.dispose();
    this.model.dispose();
    this.optimizer.dispose();
    this.#generator.dispose();
    this.task.dispose();
  }
}
