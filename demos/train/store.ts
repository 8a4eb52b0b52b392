import { batch, computed, signal } from '@preact/signals';

import type { DeviceInfo, Problem, RunEvent, RunInfo, Sample, StepReport } from './protocol';

/** Where the run stands: none, being made, training, coming to rest, or at rest. */
export type Phase = 'idle' | 'opening' | 'running' | 'pausing' | 'paused';

/** A point of the chart. */
export interface Point {
  step: number;
  loss: number;
  smoothed: number;
  validation: number | null;
}

/** Points that the chart keeps; then every second one goes. */
const MOST_POINTS = 4000;

export const phase = signal<Phase>('idle');
/** What `auto` comes to in this browser; null until the worker has looked. */
export const probed = signal<DeviceInfo | null>(null);
export const info = signal<RunInfo | null>(null);
export const report = signal<StepReport | null>(null);
export const validation = signal<{ step: number; loss: number } | null>(null);
/** Of the shaders that the first step waits for; null once it is done. */
export const compiling = signal<{ done: number; total: number } | null>(null);
export const points = signal<readonly Point[]>([]);
/** Newest first. */
export const samples = signal<readonly Sample[]>([]);
/** Why the last run ended, or did not begin. */
export const problem = signal<Problem | null>(null);
/** What was wrong with the last sample asked for. */
export const sampleProblem = signal<Problem | null>(null);
/** True from asking for a sample until it is whole. */
export const writing = signal(false);

/** Steps of an open run, 0 before its first report. */
export const step = computed(() => report.value?.step ?? 0);

/** True while a run is open, so that its text and settings are fixed. */
export const isOpen = computed(() => phase.value !== 'idle');

/** Forgets the last run. */
export function clearRun(): void {
  batch(() => {
    info.value = null;
    report.value = null;
    validation.value = null;
    compiling.value = null;
    points.value = [];
    samples.value = [];
    problem.value = null;
    sampleProblem.value = null;
    writing.value = false;
  });
}

/** The run is over; its figures stay to be looked at. */
export function endRun(why: Problem): void {
  batch(() => {
    phase.value = 'idle';
    problem.value = why;
    writing.value = false;
    samples.value = samples.value.map((sample) => ({ ...sample, done: true }));
  });
}

/** Takes in what the worker tells. */
export function receive(event: RunEvent): void {
  // Of a run that is being closed.
  if (phase.peek() === 'idle') return;
  switch (event.kind) {
    case 'report':
      return batch(() => {
        report.value = event.report;
        compiling.value = null;
        const { step, loss, smoothedLoss: smoothed } = event.report;
        points.value = thinned([...points.value, { step, loss, smoothed, validation: null }]);
      });
    case 'validation':
      return batch(() => {
        validation.value = event;
        points.value = points.value.map((point) =>
          point.step === event.step ? { ...point, validation: event.loss } : point,
        );
      });
    case 'sample':
      samples.value = [event.sample, ...samples.value.filter(({ id }) => id !== event.sample.id)];
      return;
    case 'compiling':
      compiling.value = event;
      return;
    case 'stopped':
      if (phase.peek() === 'running') phase.value = 'paused';
      return;
    case 'failed':
      return endRun(event.problem);
  }
}

function thinned(all: readonly Point[]): readonly Point[] {
  if (all.length <= MOST_POINTS) return all;
  const last = all.length - 1;
  return all.filter((point, i) => i % 2 === 0 || i === last || point.validation !== null);
}
