import clockLayout from '../../shaders/lib/clock.wgsl?raw';
import finite from '../../shaders/lib/finite.wgsl?raw';
import source from '../../shaders/optimizer_clock.wgsl?raw';
import { defineKernel, read, update, wgsl } from '../backend/kernel';

/**
 * Where the numbers that change from step to step stand in an optimiser's clock, a small tensor on
 * the device, so that a step needs nothing from the host. shaders/lib/clock.wgsl is its twin.
 */
export const CLOCK = {
  learningRate: 0,
  steps: 1,
  /** 1 - beta1^t, Adam's bias correction; kept as such, since 1 minus a power loses digits. */
  correction1: 2,
  correction2: 3,
  enabled: 4,
  skipped: 5,
  length: 6,
} as const;

/** The layout, for the shaders of the update rules. */
export const clockSource = clockLayout;

/**
 * One tick: where the gradients' norm is finite the step counts and the bias corrections grow,
 * c += gain (1 - c) with gain = 1 - beta; else the step is skipped and counted as such.
 */
export const optimizerClock = defineKernel({
  name: 'optimizer_clock',
  source: wgsl(source, clockLayout, finite),
  bindings: { norm: read, clock: update },
  params: { gain1: 'f32', gain2: 'f32' },
  cpu({ norm, clock }, { gain1, gain2 }) {
    if (Number.isFinite(norm[0])) {
      clock[CLOCK.steps] += 1;
      clock[CLOCK.correction1] += gain1 * (1 - clock[CLOCK.correction1]);
      clock[CLOCK.correction2] += gain2 * (1 - clock[CLOCK.correction2]);
      clock[CLOCK.enabled] = 1;
    } else {
      clock[CLOCK.skipped] += 1;
      clock[CLOCK.enabled] = 0;
    }
  },
  launch: () => [{ workgroups: [1, 1, 1] }],
});
