import { defineKernel, include, read, update } from '../backend/kernel';

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
  /** What gradients are multiplied with, so that their norm keeps its limit. */
  scale: 6,
  /** Of all gradients of the latest step that was not skipped, before the scale. */
  norm: 7,
  length: 8,
} as const;

/**
 * One tick, from the pairs that `square_sum` left of all gradients. Where all are finite the step
 * counts, the bias corrections grow, c += gain (1 - c) with gain = 1 - beta, and scale =
 * min(1, limit / (norm + 1e-6)) with norm that of all gradients; else the step is skipped and counted
 * as such.
 */
export const optimizerClock = defineKernel({
  name: 'optimizer_clock',
  source: include('optimizer_clock', 'lib/clock', 'lib/finite', 'lib/row'),
  bindings: { partial: read, clock: update },
  params: { count: 'u32', limit: 'f32', gain1: 'f32', gain2: 'f32' },
  cpu({ partial, clock }, { count, limit, gain1, gain2 }) {
    let sum = 0;
    let broken = 0;
    for (let i = 0; i < count; i++) {
      sum += partial[2 * i];
      broken += partial[2 * i + 1];
    }
    if (broken === 0 && Number.isFinite(sum)) {
      clock[CLOCK.steps] += 1;
      clock[CLOCK.correction1] += gain1 * (1 - clock[CLOCK.correction1]);
      clock[CLOCK.correction2] += gain2 * (1 - clock[CLOCK.correction2]);
      clock[CLOCK.enabled] = 1;
      clock[CLOCK.norm] = Math.sqrt(sum);
      clock[CLOCK.scale] = Math.min(1, limit / (Math.sqrt(sum) + 1e-6));
    } else {
      clock[CLOCK.skipped] += 1;
      clock[CLOCK.enabled] = 0;
    }
  },
  launch: () => [{ workgroups: [1, 1, 1] }],
});
