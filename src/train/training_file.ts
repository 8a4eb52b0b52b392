import { CheckpointError, NonFiniteError } from '../errors';
import { decodeSafetensors, encodeSafetensors } from '../io/safetensors';
import type { SafeTensor } from '../io/safetensors';
import { formatShape, sameShape } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { CARRIED, checkPlace, isParameter, OPTIMIZER } from './check_task';
import { isProgress } from './progress';
import type { Progress } from './progress';
import type { Trainer } from './trainer';

// One safetensors file, so that it is whole or not there: the parameters under PyTorch's names, the
// optimiser's state under `optimizer.`, what a task carries under `state.`, the rest as JSON in the metadata
// under `lethe`.

const FORMAT = 1;

/** Tensors of a file by name, in its order. */
export type SafeTensors = Map<string, SafeTensor>;

/**
 * The tensors that the rest of the training depends on, and where it stands: all of one moment, even if
 * training goes on meanwhile.
 *
 * @throws NonFiniteError for a NaN or an infinity anywhere.
 */
export async function readTraining(
  trainer: Trainer,
): Promise<{ progress: Progress; tensors: SafeTensors }> {
  await trainer.settle();
  // From here to the first await everything is of one moment: a read takes its place in the order
  // of commands when it is asked for.
  const { progress, task } = trainer;
  const reads = [
    ...Array.from(trainer.model.namedParameters(), ([name, value]) => readTensor(name, value)),
    ...Array.from(task.carried ?? [], ([name, value]) => readTensor(CARRIED + name, value)),
  ];
  const optimizer = trainer.optimizer.stateDict();
  const tensors: SafeTensors = new Map(await Promise.all(reads));
  for (const [name, { shape, data }] of await optimizer) {
    tensors.set(OPTIMIZER + name, safeTensor(shape, data));
  }
  for (const [name, { data }] of tensors) {
    if (data.every(Number.isFinite)) continue;
    throw new NonFiniteError(
      `NaN or infinity in ${name} at step ${progress.step}: not saved; the checkpoint ` +
        'before is as it was',
    );
  }
  return { progress, tensors };
}

async function readTensor(name: string, value: Tensor): Promise<[string, SafeTensor]> {
  return [name, safeTensor(value.shape, await value.data())];
}

function safeTensor(shape: Shape, data: ArrayLike<number>): SafeTensor {
  if (data instanceof Float64Array) return { dtype: 'F64', shape, data };
  return { dtype: 'F32', shape, data: Float32Array.from(data) };
}

/**
 * Gives model, optimiser and what the task carries the values of a file; where it stands is `goTo`'s.
 *
 * @throws CheckpointError naming what is missing or does not fit.
 */
export function writeTraining(trainer: Trainer, tensors: SafeTensors): void {
  const carried = withPrefix(tensors, CARRIED);
  const parts = Array.from(trainer.task.carried ?? [], ([name, part]) => {
    const value = carried.get(name);
    if (value && sameShape(value.shape, part.shape)) return [part, value.data] as const;
    throw new CheckpointError(
      `the carried state ${name} is ${value ? formatShape(value.shape) : 'missing'}; ` +
        `${formatShape(part.shape)} is needed`,
    );
  });
  trainer.model.loadStateDict(ofModel(tensors));
  trainer.optimizer.loadStateDict(withPrefix(tensors, OPTIMIZER));
  for (const [part, data] of parts) part.write(data);
}

/** False for a model alone, without the state of its optimizer. */
export function canResume(tensors: SafeTensors): boolean {
  return [...tensors.keys()].some((name) => name.startsWith(OPTIMIZER));
}

function withPrefix(tensors: SafeTensors, prefix: string): SafeTensors {
  const found = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** The parameters of the model alone. */
export function ofModel(tensors: SafeTensors): SafeTensors {
  return new Map([...tensors].filter(([name]) => isParameter(name)));
}

/** What a file of `saveTraining` holds. */
export interface TrainingFile {
  /** Where training stood. */
  readonly progress: Progress;
  /** What was saved beside: settings, vocabularies. */
  readonly about: unknown;
  /** The parameters under their names, and what the rest of the training needs. */
  readonly tensors: SafeTensors;
}

/**
 * Everything that the rest of a training depends on, as the bytes of a safetensors file, which other programs
 * read as the parameters under PyTorch's names.
 *
 * @param about plain values to keep beside it, such as settings and vocabularies, for `readTrainingFile`.
 * @throws NonFiniteError for a NaN or an infinity anywhere: it is not worth keeping.
 *
 * @example
 * ```ts
 * import { mseLoss, openDevice } from 'lethe';
 * import { hostArray } from 'lethe/data';
 * import { Linear } from 'lethe/nn';
 * import { Adam } from 'lethe/optim';
 * import { readTrainingFile, saveTraining, Trainer, type Task } from 'lethe/train';
 *
 * const device = await openDevice('cpu');
 * const model = new Linear(device, 1, 1);
 * const [x, y] = [[0, 1, 2], [1, 3, 5]].map((column) => hostArray(column, 'f32', [3, 1]));
 * const batches = { perEpoch: 1, batch: () => ({ x, y }) };
 * const loss: Task['loss'] = (batch) => mseLoss(model.forward(batch.x), batch.y);
 * const trainer = new Trainer(device, { model, batches, loss }, { optimizer: new Adam(model) });
 * while (trainer.step < 20) await trainer.trainStep();
 * const bytes = await saveTraining(trainer, { labels: ['cat', 'dog'] });
 * console.log(readTrainingFile(bytes).progress.step); // 20
 * ```
 */
export async function saveTraining(
  trainer: Trainer,
  about: unknown = null,
): Promise<Uint8Array<ArrayBuffer>> {
  const { progress, tensors } = await readTraining(trainer);
  const header = { format: FORMAT, kind: 'training', progress, about };
  return encodeSafetensors(tensors, { lethe: JSON.stringify(header) });
}

/**
 * Reads the bytes of `saveTraining`. The model alone is `ofModel(tensors)`, for `model.loadStateDict`.
 *
 * @throws CheckpointError when they are damaged, or are not of a `Trainer`.
 */
export function readTrainingFile(bytes: Uint8Array, name = 'checkpoint'): TrainingFile {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  let header: { format?: number; kind?: string; progress?: Progress; about?: unknown } | null;
  try {
    header = JSON.parse(metadata.lethe ?? 'null') as typeof header;
  } catch {
    header = null;
  }
  const { format, kind, progress, about = null } = header ?? {};
  if (kind !== 'training' || format !== FORMAT || !isProgress(progress)) {
    throw new CheckpointError(
      `${name}: no file of saveTraining, or damaged, or of a later version of Lethe`,
    );
  }
  return { progress, about, tensors };
}

/**
 * Goes on where a file was saved, in a trainer made with the same task and options that has not made a step;
 * on the CPU bit for bit.
 *
 * @returns what was saved beside it.
 * @throws CheckpointError when it is damaged, or does not fit the task: make another trainer then.
 * @throws ArgumentError where it stands past the end of an epoch of these batches; nothing is changed then.
 *
 * @example
 * ```ts
 * import { mseLoss, openDevice } from 'lethe';
 * import { hostArray } from 'lethe/data';
 * import { Linear } from 'lethe/nn';
 * import { Adam } from 'lethe/optim';
 * import { loadTraining, saveTraining, Trainer, type Task } from 'lethe/train';
 *
 * const device = await openDevice('cpu');
 * function makeTrainer(): Trainer {
 *   const model = new Linear(device, 1, 1);
 *   const [x, y] = [[0, 1, 2], [1, 3, 5]].map((column) => hostArray(column, 'f32', [3, 1]));
 *   const batches = { perEpoch: 1, batch: () => ({ x, y }) };
 *   const loss: Task['loss'] = (batch) => mseLoss(model.forward(batch.x), batch.y);
 *   return new Trainer(device, { model, batches, loss }, { optimizer: new Adam(model) });
 * }
 * const trainer = makeTrainer();
 * while (trainer.step < 20) await trainer.trainStep();
 * const resumed = makeTrainer(); // perhaps in another process
 * loadTraining(resumed, await saveTraining(trainer));
 * console.log(resumed.step); // 20
 * ```
 */
export function loadTraining(trainer: Trainer, bytes: Uint8Array): unknown {
  const { progress, about, tensors } = readTrainingFile(bytes);
  checkPlace(progress, trainer.stepsPerEpoch);
  writeTraining(trainer, tensors);
  trainer.goTo(progress);
  return about;
}
