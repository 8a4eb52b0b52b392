import { backward } from '../autograd/backward';
import { detach } from '../autograd/graph';
import type { CompileProgress } from '../backend/backend';
import type { Batch } from '../data/batch';
import { ArgumentError, NonFiniteError } from '../errors';
import { add } from '../ops/pointwise';
import { clipGradValue, findNonFinite } from '../optim/clip';
import type { Optimizer } from '../optim/optimizer';
import { constant } from '../optim/schedule';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import type { Generator } from '../tensor/generator';
import { BestParameters } from './best_parameters';
import type { KeptMetric } from './best_parameters';
import { checkBatches } from './broken_batch';
import { checkLoss, checkPlace, checkTask } from './check_task';
import { generatorsOf } from './generators';
import { inEvaluation } from './eval_mode';
import { penaltyOf } from './penalties';
import { fit } from './fit';
import type { FitEvent, FitOptions } from './fit';
import { REMEDY } from './progress';
import type { Progress, Report } from './progress';
import { RecordedSteps } from './recorded_steps';
import { StepLosses } from './step_losses';
import type { BatchTensors, Metrics, Position, Task } from './task';
import { checkTrainerOptions } from './trainer_options';
import type { TrainerOptions } from './trainer_options';

/** Steps that may be under way at once: enough to keep a GPU busy, few enough to stay responsive. */
const MAX_STEPS_IN_FLIGHT = 2;

/**
 * Trains the model of a task: forward, backward, clip, update. A step is recorded once for each set of shapes
 * that its batches have, and replayed from then on; losses stay on the device until a report reads them.
 * `fit` is the whole loop.
 *
 * @example
 * ```ts
 * import { mseLoss, openDevice } from 'lethe';
 * import { hostArray } from 'lethe/data';
 * import { Linear } from 'lethe/nn';
 * import { Adam } from 'lethe/optim';
 * import { type Task, Trainer } from 'lethe/train';
 *
 * const device = await openDevice('cpu');
 * const model = new Linear(device, 1, 1);
 * const [x, y] = [[0, 1, 2], [1, 3, 5]].map((column) => hostArray(column, 'f32', [3, 1]));
 * const batches = { perEpoch: 1, batch: () => ({ x, y }) }; // or `bucketBatches` of examples
 * const loss: Task['loss'] = (batch) => mseLoss(model.forward(batch.x), batch.y);
 * const optimizer = new Adam(model, { lr: 0.1 });
 * const trainer = new Trainer(device, { model, batches, loss }, { optimizer });
 * for await (const event of trainer.fit({ steps: 200, logEvery: 200 })) {
 *   if (event.kind === 'report') console.log(event.step, event.smoothedLoss < 0.1); // 200 true
 * }
 * ```
 */
export class Trainer<T extends Task = Task> {
  /** Where it computes. */
  readonly device: Device;
  /** What is learnt. */
  readonly task: T;
  /** The update rule, with its state. */
  readonly optimizer: Optimizer;
  readonly #options: TrainerOptions;
  readonly #baseRate: number;
  readonly #steps: RecordedSteps;
  readonly #inFlight: Promise<void>[] = [];
  readonly #best: BestParameters;
  /** All that a step draws from. */
  readonly #generators: readonly Generator[];
  #losses: StepLosses;
  /** At the last report; null before the first of a resumed run. */
  #skipped: number | null = 0;
  #position: Position = { step: 0, epoch: 0, index: 0 };

  /**
   * @param options `optimizer` is needed, of the parameters of `task.model`.
   * @throws ArgumentError naming what is missing, unknown or out of range.
   */
  constructor(device: Device, task: T, options: TrainerOptions) {
    const owner = new.target.name;
    checkDevice(owner, device);
    checkTask(owner, task);
    checkTrainerOptions(owner, options, task.model);
    this.device = device;
    this.task = task;
    this.optimizer = options.optimizer;
    this.#options = options;
    this.#baseRate = options.optimizer.lr;
    this.#steps = new RecordedSteps(device, (batch) => this.#update(batch));
    this.#best = new BestParameters(task.model);
    this.#generators = generatorsOf(task.model, options.generator);
    this.#losses = new StepLosses(device, 0, null);
  }

  /** The model of the task. */
  get model(): T['model'] {
    return this.task.model;
  }

  /** Steps done. */
  get step(): number {
    return this.#position.step;
  }

  /** Batches of an epoch. */
  get stepsPerEpoch(): number {
    return this.task.batches.perEpoch;
  }

  /** Steps recorded so far, each for a set of shapes. */
  get recordings(): number {
    return this.#steps.recordings;
  }

  /** True where there is held-out data. */
  get canEvaluate(): boolean {
    return this.task.evaluate !== undefined && this.task.canEvaluate !== false;
  }

  /** One step. Waits only when the device falls behind; the first one for its shaders: see `onCompile`. */
  async trainStep(onCompile?: CompileProgress): Promise<void> {
    if (this.#losses.full) await this.settle();
    const { step, epoch, index } = this.#position;
    const batch = this.task.batches.batch(epoch, index);
    const first = this.#steps.cold;
    // As `generate` and others ask for evaluation mode; parts that were set so by themselves stay.
    if (!this.model.training) this.model.train();
    await this.#steps.run(batch, () => {
      this.task.prepare?.(batch, this.#position);
      this.optimizer.lr = this.#baseRate * (this.#options.schedule ?? constant)(step);
      for (const generator of this.#generators) generator.advance();
    });
    this.#losses.note();
    const last = index + 1 >= this.stepsPerEpoch;
    this.#position = {
      step: step + 1,
      ...(last ? { epoch: epoch + 1, index: 0 } : { epoch, index: index + 1 }),
    };
    if (first) await this.device.ready(onCompile);
    const done = this.device.finish();
    // Whoever awaits it hears of a failure; until then it is not unhandled.
    done.catch(() => {});
    this.#inFlight.push(done);
    if (this.#inFlight.length > MAX_STEPS_IN_FLIGHT) await this.#inFlight.shift();
  }

  /** Finds the fastest configurations of the kernels that have run; a step that follows does it by itself. */
  tune(): Promise<void> {
    return this.#steps.tune();
  }

  #update(batch: BatchTensors<Batch>): void {
    const { clipNorm = Infinity, clipValue, penalties = [] } = this.#options;
    const { model } = this.task;
    try {
      const loss = checkLoss(this.task.loss(batch));
      // It outlives the graph, which may end in a sum with penalties.
      const told = detach(loss);
      const terms = penalties.map((penalty) => penaltyOf(model, penalty));
      backward(terms.reduce(add, loss));
      if (clipValue !== undefined) clipGradValue(model.parameters(), clipValue);
      this.optimizer.step({ maxNorm: clipNorm });
      this.#losses.copy(told);
      this.task.finish?.();
    } finally {
      // Also after a failure: the next step must not add to what is left of this one.
      this.optimizer.zeroGrad();
    }
  }

  /**
   * Trains until `epochs` or `steps` are done, or nothing gets better any more. Whoever consumes the events
   * holds the reins: training goes on only while they are taken, and stops with the consumer's loop.
   *
   * @throws ArgumentError for options that do not fit the task.
   * @throws NonFiniteError where training has diverged.
   */
  fit(options: FitOptions = {}): AsyncGenerator<FitEvent, void> {
    return fit(this, options);
  }

  /** Reads the losses that wait on the device, so that `progress` takes them in. */
  async settle(): Promise<void> {
    await Promise.all(this.#inFlight.splice(0));
    await this.#losses.settle();
  }

  /**
   * Reads what the steps since the last report came to; null when there were none.
   *
   * @throws NonFiniteError naming the parameters that hold a NaN or an infinity, or the place of a NaN in the batch
   *   of a step whose loss is NaN, or when every one of these steps was skipped because its gradient was not finite.
   */
  async report(): Promise<Report | null> {
    await this.settle();
    const losses = this.#losses.take();
    if (losses.length === 0) return null;
    await this.checkFinite();
    checkBatches(this.task.batches, losses, this.#position);
    const { skipped, gradNorm } = await this.optimizer.counts();
    if (this.#skipped !== null && skipped - this.#skipped >= losses.length) {
      throw new NonFiniteError(
        `no step since step ${this.step - losses.length} had a finite gradient; ` + REMEDY,
      );
    }
    this.#skipped = skipped;
    const { step, epoch, index } = this.#position;
    return {
      step,
      epoch: epoch + index / this.stepsPerEpoch,
      loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      smoothedLoss: this.#losses.smoothed!,
      lr: this.optimizer.lr,
      skipped,
      gradNorm,
    };
  }

  /** @throws NonFiniteError naming the parameters that hold a NaN or an infinity. */
  async checkFinite(): Promise<void> {
    const broken = (await findNonFinite(this.model.namedParameters())).join(', ');
    if (broken === '') return;
    throw new NonFiniteError(`NaN or infinity in ${broken} after step ${this.step}; ${REMEDY}`);
  }

  /**
   * The task's figures on held-out data.
   *
   * @throws ArgumentError where the task has no `evaluate`.
   */
  async evaluate(): Promise<Metrics> {
    const { task } = this;
    if (!task.evaluate) {
      throw new ArgumentError('evaluate: the task has nothing held out; give it evaluate()');
    }
    return inEvaluation(task.model, () => task.evaluate!());
  }

  /** Copies the parameters as they are, on the device, for `restoreBest`; `fit` does it by itself. */
  keepBest(metric?: KeptMetric): void {
    this.#best.keep(metric);
  }

  /** What `keepBest` was told last. @internal */
  get best(): KeptMetric | undefined {
    return this.#best.metric;
  }

  /**
   * Gives the model the parameters of its best evaluation in `fit`.
   *
   * @throws ArgumentError where none was kept.
   */
  restoreBest(): void {
    this.#best.restore();
  }

  /** Where training stands; the tensors of model, optimiser and task complete it. */
  get progress(): Progress {
    const { step, epoch, index } = this.#position;
    const [generator] = this.#generators;
    const { step: advanced, call } = generator?.position ?? { step, call: 0 };
    return {
      step,
      cursor: { epoch, window: index },
      generator: { step: advanced, call },
      smoothedLoss: this.#losses.smoothed,
    };
  }

  /**
   * Goes to where another trainer of this task stood, before the first step of this one.
   *
   * @throws ArgumentError where an epoch has fewer batches here.
   */
  goTo(progress: Progress): void {
    checkPlace(progress, this.stepsPerEpoch);
    const { step, cursor, generator, smoothedLoss } = progress;
    this.#losses.dispose();
    this.#losses = new StepLosses(this.device, step, smoothedLoss);
    this.#position = { step, epoch: cursor.epoch, index: cursor.window };
    this.#skipped = null;
    for (const own of this.#generators) own.position = generator;
  }

  /** Frees what it made. Model and optimiser stay, as they came from outside; the rate is again that before. */
  dispose(): void {
    this.optimizer.lr = this.#baseRate;
    this.#steps.dispose();
    this.#losses.dispose();
    this.#best.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
