/** The CTC loss of a batch that is given as lists. */
import { backward, ctcLoss, noGrad, sum, tensor } from '../../src/index';
import type { CTCLossOptions, Device, DType, Tensor } from '../../src/index';
import { expectClose } from './fixtures';

export interface CtcBatch {
  /** [time, batch, classes]. */
  readonly values: readonly number[];
  readonly time: number;
  readonly classes: number;
  readonly targets: readonly (readonly number[])[];
  readonly frames?: readonly number[];
}

export type CtcGiven = Partial<CTCLossOptions>;

export function labelTensor(on: Device, values: readonly number[], shape: number[]): Tensor {
  return tensor(on, values, shape, { dtype: 'i32' });
}

/** Targets, padded with what is no label. */
export function padded(targets: readonly (readonly number[])[], on: Device): Tensor {
  const longest = Math.max(...targets.map((labels) => labels.length));
  const rows = targets.flatMap((labels) =>
    Array.from({ length: longest }, (_, j) => labels[j] ?? -7),
  );
  return labelTensor(on, rows, [targets.length, longest]);
}

/** Loss and gradient of a batch; without a gradient the loss is the same. */
export async function runCtc(batch: CtcBatch, given: CtcGiven, on: Device, dtype: DType) {
  const { values, time, classes, targets } = batch;
  const shape = [time, targets.length, classes];
  const logits = tensor(on, values, shape, { dtype, requiresGrad: true });
  const options = {
    inputLengths: batch.frames ?? targets.map(() => time),
    targetLengths: targets.map((labels) => labels.length),
    ...given,
  };
  const loss = ctcLoss(logits, padded(targets, on), options);
  const quiet = noGrad(() => ctcLoss(logits, padded(targets, on), options));
  expectClose(await quiet.data(), await loss.data(), { atol: 1e-7, rtol: 1e-6 });
  const found = [...(await loss.data())];
  backward(given.reduction === 'none' ? sum(loss) : loss);
  return { loss: found, gradient: [...(await logits.grad!.data())] };
}
