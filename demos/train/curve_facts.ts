import type { Point, Validation } from './protocol';

/** A loss so much above the one at the start is no noise. */
const DIVERGED_RATIO = 1.1;
/** Looks at the held-out text that the loss must stay above its lowest, and by which share. */
const OVERFIT_EVALUATIONS = 3;
const OVERFIT_RATIO = 1.005;

/** The smoothed training loss at a step, of the points around it; null where none is near. */
export function lossAt(points: readonly Point[], step: number): number | null {
  const after = points.find((point) => point.step >= step);
  return after ? after.smoothed : null;
}

/** A loss as the chart counts it; one that was not finite is null once it went through JSON. */
const sizeOf = (loss: number | null): number =>
  loss !== null && Number.isFinite(loss) ? loss : Infinity;

/**
 * The step from which on a run's loss is above that at its start, to its end; null for a run that learns.
 * A network that has learned nothing is about as good as its first guess, so what is worse has diverged.
 */
export function divergedAt(points: readonly Point[]): number | null {
  const bound = DIVERGED_RATIO * sizeOf(points[0]?.loss ?? 0);
  const last = points.at(-1);
  if (!last || sizeOf(last.smoothed) <= bound) return null;
  const below = points.findLastIndex(({ smoothed }) => sizeOf(smoothed) <= bound);
  return points[below + 1].step;
}

/** That a run learns its text by heart: where the held-out loss was lowest, and what it is by now. */
export interface Overfitting {
  best: Validation;
  now: number;
}

/**
 * Whether the held-out loss has been above its lowest for some evaluations, while the training loss went on
 * falling; null where it is not so.
 */
export function overfitting(points: readonly Point[]): Overfitting | null {
  const seen = points.filter(({ validation }) => validation !== null);
  if (seen.length === 0) return null;
  const best = seen.reduce((a, b) => (b.validation! < a.validation! ? b : a));
  const after = seen.slice(seen.indexOf(best) + 1);
  if (after.length < OVERFIT_EVALUATIONS) return null;
  const recent = after.slice(-OVERFIT_EVALUATIONS);
  const rises = recent.every(({ validation }) => validation! > OVERFIT_RATIO * best.validation!);
  const last = recent.at(-1)!;
  if (!rises || !(last.smoothed < best.smoothed)) return null;
  return { best: { step: best.step, loss: best.validation! }, now: last.validation! };
}
