import { batch, computed, signal } from '@preact/signals';

import { EMPTY, entered } from './journal';
import { Latest } from '../shared/latest';
import type { Problem } from '../shared/problem';
import type { DeviceInfo, Journal, KeptState, RunEvent, RunInfo } from './protocol';

/** Where the run stands: none, being made, training, coming to rest, or at rest. */
export type Phase = 'idle' | 'opening' | 'running' | 'pausing' | 'paused';

export const phase = signal<Phase>('idle');
/** True until the worker has closed a run that was reset: what it still tells is not of the next one. */
export const closing = signal(false);
/** What `auto` comes to in this browser; null until the worker has looked. */
export const probed = signal<(DeviceInfo & { slow?: string }) | null>(null);
export const info = signal<RunInfo | null>(null);
/** What the run has told so far. */
export const journal = signal<Journal>(EMPTY);
export const report = computed(() => journal.value.report);
export const validation = computed(() => journal.value.validation);
export const points = computed(() => journal.value.points);
/** Of the shaders that the first step waits for; null once it is done. */
export const compiling = signal<{ done: number; total: number } | null>(null);
/** Newest first. */
export const samples = computed(() => journal.value.samples);
/** The sample of this run that the slider stands on; null for what is written now. */
export const chosenSample = signal<number | null>(null);
/** Whether the run is kept in this browser; null before the first attempt. */
export const kept = signal<KeptState | null>(null);
/** How the run came back after its device was lost. */
export const recovery = signal<{ step: number; reason: string } | null>(null);
/** Why the last run ended, or did not begin. */
export const problem = signal<Problem | null>(null);
/** What was wrong with the last sample asked for. */
export const sampleProblem = signal<Problem | null>(null);
/** True from asking for a sample until it is whole. */
export const writing = signal(false);

/** Of what changes which run is open. */
export const latest = new Latest();

/** Steps of an open run, 0 before its first report. */
export const step = computed(() => report.value?.step ?? 0);

/** True while a run is open, so that its text and settings are fixed. */
export const isOpen = computed(() => phase.value !== 'idle');

/** True where settings can be changed: with no run, and, those that a run may change, with one at rest. */
export const mayChange = computed(() => phase.value === 'idle' || phase.value === 'paused');

/** True while the run does what is asked of it. */
export const answers = computed(() => phase.value === 'running' || phase.value === 'paused');

/** True while there is a model to look into. */
export const hasModel = computed(
  () => phase.value === 'running' || phase.value === 'pausing' || phase.value === 'paused',
);

/** Forgets the last run. */
export function clearRun(): void {
  batch(() => {
    info.value = null;
    journal.value = EMPTY;
    chosenSample.value = null;
    kept.value = null;
    recovery.value = null;
    compiling.value = null;
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
    journal.value = { ...journal.value, samples: ended(journal.value.samples) };
  });
}

/** Takes in what the worker tells. */
export function receive(event: RunEvent): void {
  // Of a run that is being closed.
  if (phase.peek() === 'idle' || closing.peek()) return;
  switch (event.kind) {
    case 'kept':
      kept.value = { step: event.step };
      return;
    case 'not kept':
      kept.value = { reason: event.reason };
      return;
    case 'recovered':
      return batch(() => {
        info.value = event.info;
        journal.value = event.journal;
        recovery.value = { step: event.step, reason: event.reason };
      });
    case 'compiling':
      compiling.value = event;
      return;
    case 'stopped':
      if (phase.peek() === 'running') phase.value = 'paused';
      return;
    case 'report':
      compiling.value = null;
      journal.value = entered(journal.value, event);
      return;
    case 'failed':
      return endRun(event.problem);
    default:
      journal.value = entered(journal.value, event);
  }
}

const ended = (samples: Journal['samples']) => samples.map((sample) => ({ ...sample, done: true }));
