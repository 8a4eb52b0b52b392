import { computed, effect, signal } from '@preact/signals';

import { completeConfig } from '../../src/train/config';
import type { TrainConfig } from '../../src/train/config';
import { halved } from './journal';
import type { Point } from './journal';
import { keepsRuns } from './lock';
import type { RunSettings, TextSource } from './protocol';
import { info, points, report, validation } from './store';

/** What a run was made of, and what came of it; plain values. */
export interface RunRecord {
  name: string;
  text: string;
  device: string;
  settings: TrainConfig;
  points: readonly Point[];
  step: number;
  /** Smoothed, nats per character. */
  loss: number;
  validation: number | null;
  charactersPerSecond: number;
}

/** A run that is over, and stays to be compared with. */
export interface KeptRun extends RunRecord {
  id: number;
  /** True while its curve is drawn. */
  shown: boolean;
}

/** Points that a kept run has at most. */
const POINTS = 1000;

/** Where the browser has them between two visits. */
const STORED = 'lethe-studio-runs';

/** Newest last. */
export const keptRuns = signal<readonly KeptRun[]>(stored());

effect(() => {
  const json = JSON.stringify(keptRuns.value);
  // The tab that keeps nothing must not write over what the other one keeps.
  if (!keepsRuns.value) return;
  try {
    localStorage.setItem(STORED, json);
  } catch {
    // Full, or forbidden: they last as long as the page.
  }
});

/** Those of an earlier visit; what cannot be read is none. */
function stored(): readonly KeptRun[] {
  try {
    const runs: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
    return Array.isArray(runs) ? runs.filter(isRun) : [];
  } catch {
    return [];
  }
}

function isRun(value: unknown): value is KeptRun {
  const { id, name, points, settings } = (value ?? {}) as Partial<KeptRun>;
  return (
    typeof id === 'number' &&
    typeof name === 'string' &&
    Array.isArray(points) &&
    typeof settings === 'object'
  );
}

/** What the run on the page was begun with. */
export const begun = signal<{ text: TextSource; settings: RunSettings } | null>(null);

/** To be called as a run is opened. */
export function begin(text: TextSource, settings: RunSettings): void {
  begun.value = { text, settings };
}

/** The run on the page, once it has a loss. */
export const currentRun = computed<RunRecord | null>(() => {
  const [start, run, last] = [begun.value, info.value, report.value];
  if (!start || !run || !last) return null;
  const settings = completeConfig(start.settings.train);
  return {
    name: nameOf(settings),
    text: start.text.name,
    device: run.device.kind === 'cpu' ? 'CPU' : 'WebGPU',
    settings,
    points: points.value,
    step: last.step,
    loss: last.smoothedLoss,
    validation: validation.value?.loss ?? null,
    charactersPerSecond: last.charactersPerSecond,
  };
});

/** Keeps the run on the page, if it has come to anything; to be called before it is cleared. */
export function keep(): void {
  const run = currentRun.peek();
  if (!run) return;
  const others = keptRuns.peek();
  const id = 1 + Math.max(0, ...others.map((one) => one.id));
  const taken = new Set(others.map(({ name }) => name));
  let name = run.name;
  for (let n = 2; taken.has(name); n++) name = `${run.name} (${n})`;
  const record = { ...run, name, points: thinned(run.points) };
  keptRuns.value = [...others, { ...record, id, shown: true }];
}

export function rename(id: number, name: string): void {
  change(id, { name });
}

export function show(id: number, shown: boolean): void {
  change(id, { shown });
}

export function remove(id: number): void {
  keptRuns.value = keptRuns.peek().filter((run) => run.id !== id);
}

function change(id: number, what: Partial<KeptRun>): void {
  keptRuns.value = keptRuns.peek().map((run) => (run.id === id ? { ...run, ...what } : run));
}

/** `LSTM 2x128`: layers and units. */
function nameOf({ cell, layers, hidden }: TrainConfig): string {
  return `${cell.toUpperCase()} ${layers}x${hidden}`;
}

function thinned(all: readonly Point[]): readonly Point[] {
  let points = all;
  while (points.length > POINTS) points = halved(points);
  return points;
}
