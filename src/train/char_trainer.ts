import { backward } from '../autograd/backward';
import { detach } from '../autograd/graph';
import { CheckpointError, NonFiniteError } from '../errors';
import { assign } from '../ops/assign';
import { clipGradValue, findNonFinite } from '../optim/clip';
import type { Optimizer } from '../optim/optimizer';
import type { Schedule } from '../optim/schedule';
import type { CompileProgress } from '../backend/backend';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import { Generator } from '../tensor/generator';
import type { RecordedStep } from '../tensor/recorded_step';
import { disown, dispose, scope } from '../tensor/scope';
import { formatShape, sameShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import type { Streams } from '../text/streams';
import { encoded } from '../text/encoded';
import type { EncodedText } from '../text/encoded';
import type { Vocabulary } from '../text/vocabulary';
import { CharModel, windowTensors } from './char_model';
import type { WindowTensors } from './char_model';
import { completeConfig } from './config';
import type { TrainConfig } from './config';
import { evaluate } from './evaluate';
import { REMEDY } from './progress';
import type { Progress, Report, StateValues } from './progress';
import { sample } from './sampling';
import type { SampleOptions } from './sample_options';
import { layOut, makeOptimizer, makeSchedule } from './setup';
import { StepLosses } from './step_losses';
import { markText } from './text_mark';
import type { TextMark } from './text_mark';
import type { Ids } from '../text/ids';

/** Steps that may be under way at once: enough to keep a GPU busy, few enough to stay responsive. */
const MAX_STEPS_IN_FLIGHT = 2;

/**
 * Trains a character model by truncated back-propagation through time: contiguous streams, the
 * state carried from window to window, detached, and reset where the streams begin again.
 */
export class CharTrainer {
  readonly device: Device;
  readonly vocabulary: Vocabulary;
  readonly config: TrainConfig;
  readonly model: CharModel;
  readonly optimizer: Optimizer;
  /** Of its text, for checkpoints: that of the checkpoint in a resumed run, else with `text` as its source. */
  textMark: TextMark;
  readonly #streams: Streams;
  readonly #validation: Ids;
  readonly #generator: Generator;
  readonly #schedule: Schedule;
  readonly #losses: StepLosses;
  readonly #inFlight: Promise<void>[] = [];
  /** Skipped steps at the last report; null before the first of a resumed run. */
  #skipped: number | null = 0;
  readonly #state: Tensor[];
  readonly #window: WindowTensors;
  #recorded: RecordedStep<void> | undefined;
  /** True once a step was run: what it makes and keeps is there. */
  #warm = false;
  #tuned = false;
  #step = 0;

  /**
   * @param vocabulary that of the text when left out; a checkpoint brings its own.
   * @throws TextError for an empty text, or one shorter than one window.
   * @throws ArgumentError naming a setting out of range.
   */
  constructor(
    device: Device,
    text: string | EncodedText,
    config: Partial<TrainConfig> = {},
    vocabulary?: Vocabulary,
    progress?: Progress,
  ) {
    checkDevice('CharTrainer', device);
    const own = encoded(text);
    this.textMark = markText(own);
    this.device = device;
    this.config = completeConfig(config);
    this.vocabulary = vocabulary ?? own.vocabulary;
    const { streams, validation } = layOut(own, this.config, this.vocabulary, progress?.cursor);
    this.#streams = streams;
    this.#validation = validation;
    const { batch, seq, seed } = this.config;
    this.#generator = new Generator(device, seed, progress?.generator);
    this.model = new CharModel(device, this.vocabulary.size, this.config, seed, this.#generator);
    this.optimizer = makeOptimizer(this.model, this.config);
    this.#schedule = makeSchedule(this.config);
    this.#step = progress?.step ?? 0;
    this.#losses = new StepLosses(device, this.#step, progress?.smoothedLoss ?? null);
    this.#state = this.model.zeroState(batch);
    this.#state.forEach(disown);
    this.#window = windowTensors(device, batch, seq);
    Object.values(this.#window).forEach(disown);
    if (progress) this.#skipped = null;
  }

  /** Steps done. */
  get step(): number {
    return this.#step;
  }

  /** Characters that one step reads. */
  get charactersPerStep(): number {
    return this.config.batch * this.config.seq;
  }

  get stepsPerEpoch(): number {
    return this.#streams.windowsPerEpoch;
  }

  /** True where a part of the text is held out and long enough to evaluate. */
  get canEvaluate(): boolean {
    return this.#validation.length >= 2;
  }

  /**
   * One step: forward, backward, clip, update. Waits only when the device falls behind; the first
   * step for its shaders, which `onCompile` hears of.
   */
  async trainStep(onCompile?: CompileProgress): Promise<void> {
    if (this.#losses.full) await this.settle();
    if (this.#warm && !this.#tuned) await this.tune();
    const window = this.#streams.next();
    this.#window.ids.write(window.inputs);
    this.#window.labels.write(window.targets);
    if (window.first) this.#carry(scope(() => this.model.zeroState(window.batch)));
    this.optimizer.lr = this.config.lr * this.#schedule(this.#step);
    this.#generator.advance();
    const first = !this.#warm;
    this.#learn();
    this.#losses.note();
    this.#step++;
    if (first) await this.device.ready(onCompile);
    const done = this.device.finish();
    // Whoever awaits it hears of a failure; until then it is not unhandled.
    done.catch(() => {});
    this.#inFlight.push(done);
    if (this.#inFlight.length > MAX_STEPS_IN_FLIGHT) await this.#inFlight.shift();
  }

  /**
   * Finds the fastest ways for the kernels that have run, as `device.tune` does. The second step does
   * it by itself: it is recorded, and a recording keeps the ways that its kernels took.
   */
  async tune(): Promise<void> {
    this.#tuned = true;
    await this.device.tune();
  }

  /**
   * The step on the device. The first one makes what stays, such as the optimiser's state; the second
   * is recorded, and replayed from then on.
   */
  #learn(): void {
    if (this.#recorded?.stale) {
      this.#recorded.dispose();
      this.#recorded = undefined;
      this.#warm = false;
    }
    if (this.#recorded) {
      this.#recorded.replay();
    } else if (this.#warm) {
      this.#recorded = this.device.record(() => this.#update());
    } else {
      scope(() => this.#update());
      this.#warm = true;
    }
  }

  #update(): void {
    const { clip, clipValue } = this.config;
    try {
      const { loss, state } = this.model.loss(this.#window, this.#state, { overwriteState: true });
      const carried = state.map(detach);
      backward(loss);
      if (clipValue > 0) clipGradValue(this.model.parameters(), clipValue);
      this.optimizer.step({ maxNorm: clip > 0 ? clip : Infinity });
      this.#losses.copy(loss);
      this.#carry(carried);
    } finally {
      // Also after a failure: the next step must not add to what is left of this one.
      this.optimizer.zeroGrad();
    }
  }

  /** Reads the losses that wait on the device, so that `progress` takes them in. */
  async settle(): Promise<void> {
    await Promise.all(this.#inFlight.splice(0));
    await this.#losses.settle();
  }

  /**
   * Reads what the steps since the last report came to; null when there were none.
   *
   * @throws NonFiniteError naming the parameters that hold a NaN or an infinity, or when every one
   *   of these steps was skipped because its gradient was not finite.
   */
  async report(): Promise<Report | null> {
    await this.settle();
    const losses = this.#losses.take();
    if (losses.length === 0) return null;
    await this.checkFinite();
    const { skipped, gradNorm } = await this.optimizer.counts();
    if (this.#skipped !== null && skipped - this.#skipped >= losses.length) {
      throw new NonFiniteError(
        `no step since step ${this.#step - losses.length} had a finite gradient; ` + REMEDY,
      );
    }
    this.#skipped = skipped;
    const { epoch, window } = this.#streams.cursor;
    return {
      step: this.#step,
      epoch: epoch + window / this.stepsPerEpoch,
      loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      smoothedLoss: this.#losses.smoothed!,
      lr: this.optimizer.lr,
      skipped,
      gradNorm,
    };
  }

  /** @throws NonFiniteError naming the parameters that hold a NaN or an infinity. */
  async checkFinite(): Promise<void> {
    const broken = await findNonFinite(this.model.namedParameters());
    if (broken.length === 0) return;
    throw new NonFiniteError(
      `NaN or infinity in ${broken.join(', ')} after step ${this.#step}; ` + REMEDY,
    );
  }

  /** Loss on the held-out text, in nats per character. */
  evaluate(): Promise<number> {
    const { batch, seq } = this.config;
    return evaluate(this.model, this.#validation, { batch, seq });
  }

  /** Draws text from the model as it is now, a character at a time. */
  sample(options: SampleOptions = {}): AsyncGenerator<string, void> {
    return sample(this.model, this.vocabulary, options);
  }

  /** Where training stands; `carriedState` and the tensors of model and optimiser complete it. */
  get progress(): Progress {
    const { step, call } = this.#generator.position;
    return {
      step: this.#step,
      cursor: this.#streams.cursor,
      generator: { step, call },
      smoothedLoss: this.#losses.smoothed,
    };
  }

  /** The state carried into the next window, each part of [layers, batch, hidden]. */
  get carriedState(): readonly Tensor[] {
    return this.#state;
  }

  /** Names of its parts: `h`, and `c` for an LSTM. */
  get stateNames(): readonly string[] {
    return this.model.rnn.stateNames;
  }

  /** @throws CheckpointError unless every part is there, in the shape of this model. */
  loadCarriedState(parts: ReadonlyMap<string, StateValues>): void {
    const values = this.stateNames.map((name, i) => {
      const part = parts.get(name);
      if (part && sameShape(part.shape, this.#state[i].shape)) return part.data;
      throw new CheckpointError(
        `the carried state ${name} is ${part ? formatShape(part.shape) : 'missing'}; ` +
          `${formatShape(this.#state[i].shape)} is needed`,
      );
    });
    for (const [i, part] of this.#state.entries()) part.write(values[i]);
  }

  /** Frees model, optimiser and state. */
  dispose(): void {
    this.#recorded?.dispose();
    this.model.dispose();
    this.optimizer.dispose();
    this.#generator.dispose();
    this.#losses.dispose();
    dispose([this.#state, this.#window]);
  }

  /** Takes over a state, by its values: the memory that the next window reads stays the same. */
  #carry(state: Tensor[]): void {
    for (const [i, part] of this.#state.entries()) assign(part, state[i]);
    dispose(state);
  }
}
