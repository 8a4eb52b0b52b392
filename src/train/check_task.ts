import { ArgumentError, ShapeError } from '../errors';
import { describeValue } from '../options';
import { formatShape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import type { Progress } from './progress';
import type { Task } from './task';

/** @throws ArgumentError for what is no task, or has no batches. */
export function checkTask(owner: string, task: object): void {
  const { model, batches, loss } = (task ?? {}) as Partial<Task>;
  if (typeof model?.namedParameters !== 'function' || typeof loss !== 'function' || !batches) {
    throw new ArgumentError(
      `${owner}: task = ${describeValue(task)}; { model, batches, loss(batch) } is needed`,
    );
  }
  checkNames(owner, model);
  if (Number.isSafeInteger(batches.perEpoch) && batches.perEpoch >= 1) return;
  throw new ArgumentError(
    `${owner}: batches.perEpoch = ${describeValue(batches.perEpoch)}; a whole number from 1 is needed: ` +
      'is the data shorter than a batch?',
  );
}

/** What the names of a training's file begin with that are no parameters. */
export const OPTIMIZER = 'optimizer.';
export const CARRIED = 'state.';
/** Of what a program keeps in the file for itself: no training reads it. */
export const BESIDE = 'beside.';

/** Whether a tensor of a training's file is a parameter of the model. */
export function isParameter(name: string): boolean {
  return ![OPTIMIZER, CARRIED, BESIDE].some((prefix) => name.startsWith(prefix));
}

function checkNames(owner: string, model: Task['model']): void {
  for (const [name] of model.namedParameters()) {
    if (isParameter(name)) continue;
    throw new ArgumentError(
      `${owner}: the model has a parameter ${name}; in a file such names are the optimiser's, the task's and the ` +
        "program's, so name the property otherwise",
    );
  }
}

/** @throws ShapeError for anything but a scalar. */
export function checkLoss(loss: Tensor): Tensor {
  if (loss instanceof Tensor && loss.size === 1) return loss;
  if ((loss as unknown) instanceof Promise) {
    throw new ArgumentError(
      "the task's loss is a promise: it must not be async, and reads nothing; the trainer's events tell the loss",
    );
  }
  throw new ShapeError(
    `the task's loss is ${loss instanceof Tensor ? `of ${formatShape(loss.shape)}` : describeValue(loss)}; ` +
      'a scalar is needed, such as the mean over the batch',
  );
}

/** @throws ArgumentError where a batch is past the end of an epoch. */
export function checkPlace({ cursor }: Progress, perEpoch: number): void {
  if (cursor.window < perEpoch) return;
  throw new ArgumentError(
    `the run stood at batch ${cursor.window} of an epoch, and here an epoch has ${perEpoch}; give the same ` +
      'data and batch size',
  );
}
