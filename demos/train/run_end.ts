import { completeConfig } from '../../src/train/config';
import { makeSchedule } from '../../src/train/setup';
import { grouped } from '../shared/format';
import type { RunSettings } from './protocol';

/** Why training does not go on by itself from `step`, and what to change; null where it does. */
export function whyAtEnd({ train, stopAfter = 0 }: RunSettings, step: number): string | null {
  if (stopAfter > 0 && step >= stopAfter) {
    return (
      `The run stands at step ${grouped(step)} and was to stop after ${grouped(stopAfter)}: set "Stop after" ` +
      'to a later step, or to 0 for a run without end.'
    );
  }
  const config = completeConfig(train);
  if (config.lr === 0 || makeSchedule(config)(step) > 0) return null;
  return (
    `The ${config.schedule} schedule has ended, and the rate at step ${grouped(step)} is 0: give more ` +
    '"Schedule steps", or another schedule.'
  );
}
