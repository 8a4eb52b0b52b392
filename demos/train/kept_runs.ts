import { computed, effect, signal, untracked } from '@preact/signals';

import { NONE } from '../shared/format';
import { changeableSettings } from './form';
import { refusal } from './lock';
import type { RunSettings, StoredRun, TextSource } from './protocol';
import { readKeptRun, recordOf, thinned } from './run_record';
import type { KeptRun, RunRecord } from './run_record';
import { info, journal, kept } from './store';

/** Where the browser has them between two visits; their models are with the runs (run_storage.ts). */
const STORED = 'lethe-studio-runs';
/** Points that a run has at least, however full the storage is. */
const MIN_POINTS = 50;

/** Newest last. */
export const keptRuns = signal<readonly KeptRun[]>(stored());

/** Keys of the runs that were there when the page was loaded. */
const loaded = new Set(keptRuns.peek().map(({ key }) => key));

effect(() => {
  const runs = keptRuns.value;
  // The tab that keeps nothing must not write over what the other one keeps.
  if (refusal.value === null) store(runs);
});

/** Where the storage is full, curves lose points before any run is lost. */
function store(runs: readonly KeptRun[]): void {
  for (let most = Infinity; ;) {
    const lean = runs.map((run) => ({ ...run, points: thinned(run.points, most) }));
    try {
      return localStorage.setItem(STORED, JSON.stringify(lean));
    } catch {
      const longest = Math.max(0, ...lean.map(({ points }) => points.length));
      // Forbidden, or no more to be gained: they last as long as the page.
      if (longest <= MIN_POINTS) return;
      most = longest / 2;
    }
  }
}

/** Those of an earlier visit; what cannot be read is none. */
function stored(): readonly KeptRun[] {
  try {
    const runs: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
    return Array.isArray(runs) ? runs.map(readKeptRun).filter((run) => run !== null) : [];
  } catch {
    return [];
  }
}

/** Takes in what another tab has stored since this page was loaded; once this one may store itself. */
export function mergeStored(): void {
  const theirs = stored();
  const known = new Set(theirs.map(({ key }) => key));
  const ours = keptRuns.peek().filter(({ key }) => !known.has(key) && !loaded.has(key));
  keptRuns.value = ours.reduce(added, theirs);
}

interface Begun {
  key?: string;
  text: TextSource;
  settings: RunSettings;
  /** What the form said then, as `applied` has it. */
  applied: string;
}

/** What the run on the page was begun with, or goes on with. */
export const begun = signal<Begun | null>(null);

/** The file, or the model of the studio, whose weights the run on the page began with. */
export const beganWith = computed(() => begun.value?.settings.from);

/** The settings of the form that a run may take on, to be compared. */
export function applied(): string {
  return JSON.stringify(changeableSettings.value);
}

/** To be called as a run is opened, with the form filled. */
export function begin(text: TextSource, settings: RunSettings, key?: string): void {
  begun.value = { text, settings, key, applied: untracked(applied) };
}

/** To be called when its id is known. */
export function opened(key: string): void {
  begun.value = { ...begun.peek()!, key };
}

const textName = ({ name, text }: TextSource) => ({ name, length: text.length });

/** The run on the page, once it has a loss. */
export const currentRun = computed<RunRecord | null>(() => {
  const [start, run] = [begun.value, info.value];
  if (!start || !run) return null;
  const device = run.device.kind === 'cpu' ? 'CPU' : 'WebGPU';
  return recordOf(textName(start.text), device, start.settings, journal.value);
});

/**
 * Lists the run on the page among the runs, if it has come to anything; to be called before it is
 * cleared. `next` is the id of the run that takes its place: one that goes back keeps its model.
 */
export function keep(next?: string): void {
  const run = currentRun.peek();
  if (!run) return;
  const { key = 'none' } = begun.peek()!;
  const state = kept.peek();
  const model = key !== next && state !== null && 'step' in state;
  add({ ...run, key: key === next ? `${key} until step ${run.step}` : key, model });
}

/** Lists runs that this browser keeps, and whose models the page did not know of. */
export function adopt(runs: readonly StoredRun[]): void {
  for (const { id: key, text, textLength, settings, journal } of runs) {
    const device = { auto: NONE, cpu: 'CPU', webgpu: 'WebGPU' }[settings.device];
    const run = recordOf({ name: text, length: textLength }, device, settings, journal);
    const before = keptRuns.peek().find((one) => one.key === key);
    if (run) add({ ...run, name: before?.name ?? run.name, key, model: true });
  }
}

type NewRun = Omit<KeptRun, 'id' | 'shown'>;

function add(run: NewRun): void {
  keptRuns.value = added(keptRuns.peek(), run);
}

/** The runs and another, with a number and a name of its own. */
function added(runs: readonly KeptRun[], run: NewRun): readonly KeptRun[] {
  const others = runs.filter(({ key }) => key !== run.key);
  const id = 1 + Math.max(0, ...others.map((one) => one.id));
  const taken = new Set(others.map(({ name }) => name));
  let name = run.name;
  for (let n = 2; taken.has(name); n++) name = `${run.name} (${n})`;
  return [...others, { shown: true, ...run, name, id, points: thinned(run.points) }];
}

export function rename(id: number, name: string): void {
  change(id, { name });
}

export function show(id: number, shown: boolean): void {
  change(id, { shown });
}

/** Takes a run out of the list. */
export function drop(key: string): void {
  keptRuns.value = keptRuns.peek().filter((run) => run.key !== key);
}

function change(id: number, what: Partial<KeptRun>): void {
  keptRuns.value = keptRuns.peek().map((run) => (run.id === id ? { ...run, ...what } : run));
}
