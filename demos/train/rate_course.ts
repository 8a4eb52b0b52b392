import type { TrainConfig } from '../../src/train/config';
import { makeSchedule } from '../../src/train/setup';

/** Points of a course; as many as a small drawing tells apart. */
const POINTS = 121;

/** The learning rates of a run from its first step to its end, or to where the schedule's course ends. */
export function rateCourse(config: TrainConfig): { end: number; rates: readonly number[] } {
  const end = Math.max(config.steps ?? config.warmup + scheduleEnd(config), 1);
  const factor = makeSchedule(config);
  const rates = Array.from({ length: POINTS }, (_, i) => {
    return config.lr * factor(Math.round((i / (POINTS - 1)) * end));
  });
  return { end, rates };
}

/** Of a schedule by itself, where the run has no end. */
function scheduleEnd({ schedule, scheduleSteps, gamma }: TrainConfig): number {
  if (schedule === 'constant') return 1;
  // Four drops of `step` tell how it goes on; `exponential` is told down to a hundredth.
  if (schedule === 'step') return 4 * (scheduleSteps ?? 1);
  if (schedule === 'exponential' && gamma !== null && gamma > 0 && gamma < 1) {
    return Math.ceil(Math.log(0.01) / Math.log(gamma));
  }
  return scheduleSteps ?? 1000;
}
