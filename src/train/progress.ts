import type { StreamCursor } from '../text/streams';

/** What a run that diverged can do. */
export const REMEDY =
  'go back to an earlier checkpoint, or start again, with a lower learning rate';

/** What the steps since the last report came to. */
export interface Report {
  /** Steps done in all. */
  step: number;
  /** Passes over the training data, with their fraction. */
  epoch: number;
  /** Mean loss of these steps: of a character model, in nats per character. */
  loss: number;
  /** Mean of the latest twenty losses or so. */
  smoothedLoss: number;
  /** Learning rate of the latest step, by the schedule. */
  lr: number;
  /** Steps left out in all, because a gradient was not finite. */
  skipped: number;
  /** Of the latest step that was not skipped: the norm of all gradients, before `clip`. */
  gradNorm: number;
}

/** Where training stands, besides the tensors; plain values, for a checkpoint. */
export interface Progress {
  /** Training steps that are done. */
  step: number;
  /** Where the batches stand. */
  cursor: StreamCursor;
  /** Where the random numbers of dropout stand, but for their seed. */
  generator: {
    /** Training steps that it went on by. */
    step: number;
    /** Random operations within the step. */
    call: number;
  };
  /** The running mean of the losses; null before the first. */
  smoothedLoss: number | null;
}

/** False where it is damaged. */
export function isProgress(value: unknown): value is Progress {
  const { step, cursor, generator, smoothedLoss } = (value ?? {}) as Partial<Progress>;
  const counts = [step, cursor?.epoch, cursor?.window, generator?.step, generator?.call];
  return (
    counts.every((count) => Number.isSafeInteger(count) && count! >= 0) &&
    (smoothedLoss === null || typeof smoothedLoss === 'number')
  );
}
