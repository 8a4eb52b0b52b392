import type { TrainConfig } from '../../src/train/config';
import { makeSchedule, scheduleEnd } from '../../src/train/setup';

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
