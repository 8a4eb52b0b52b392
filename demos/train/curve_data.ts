import { computed, signal } from '@preact/signals';
import type { Point } from './protocol';

import { ngramLosses, ngramOrder, unigramLoss, uniformLoss } from './baselines';
import { divergedAt } from './curve_facts';
import { source } from './form';
import { begun, keptRuns } from './kept_runs';
import { isOn } from './run_record';
import type { KeptRun } from './run_record';
import { points } from './store';

export type Unit = 'nats' | 'bits';
export const unit = signal<Unit>('nats');

/** Which baselines are drawn. */
export const baselines = {
  uniform: signal(true),
  unigram: signal(true),
  ngram: signal(true),
};

/** One line of the chart. */
export interface Curve {
  label: string;
  /** What it is called at its end, where there is little room; left out, nothing. */
  end?: string;
  /** A colour of the style sheet. */
  colour: string;
  width: number;
  dash?: number[];
  /** Marks each value, as they are few. */
  dots?: boolean;
  /** Whether the loss axis is to show all of it: no noise, and no run that has diverged. */
  framed: boolean;
  /** The step from which on it has diverged. */
  divergedAt?: number | null;
  steps: readonly number[];
  /** Nats per character. */
  losses: readonly (number | null)[];
}

/** Colours of kept runs, in turn, each with a dash of its own. */
const COLOURS = 5;
const DASHES = [
  [10, 3],
  [3, 3],
  [10, 3, 3, 3],
  [6, 6],
  [14, 4],
];

/** How the curve of a kept run looks, by its number. */
export function look(id: number): { colour: string; dash: number[] } {
  const i = (id - 1) % COLOURS;
  return { colour: `--run-${i + 1}`, dash: DASHES[i] };
}

type Style = Pick<Curve, 'colour' | 'width' | 'dash'>;

function ofRun(all: readonly Point[], name: string, training: Style, heldOut: Style): Curve[] {
  const seen = all.filter(({ validation }) => validation !== null);
  const diverged = divergedAt(all);
  const framed = diverged === null;
  return [
    {
      ...training,
      label: name ? `${name}, training` : 'Training',
      end: name || 'training',
      framed,
      divergedAt: diverged,
      steps: all.map(({ step }) => step),
      losses: all.map(({ smoothed }) => smoothed),
    },
    {
      ...heldOut,
      label: name ? `${name}, held out` : 'Held out',
      // A run that is only compared has one name at its end, and so has one that leaves the chart.
      ...(name || !framed ? {} : { end: 'held out' }),
      dots: true,
      framed,
      steps: seen.map(({ step }) => step),
      losses: seen.map(({ validation }) => validation),
    },
  ];
}

/** The text that is chosen, and the runs on it that are shown. */
const text = computed(() => ({ name: source.value.name, length: source.value.text.length }));
const shownRuns = computed(() => keptRuns.value.filter(({ shown }) => shown));
const runsHere = computed(() => shownRuns.value.filter((run) => isOn(run, text.value)));

/** Points of the run on the page, where it is on the text that is chosen. */
const ownPoints = computed(() => {
  const on = begun.value?.text;
  const here = on?.name === text.value.name && on.text.length === text.value.length;
  return here ? points.value : [];
});

function flat(label: string, loss: number | null, dash: number[], last: number): Curve {
  const losses = loss === null ? [] : [loss, loss];
  const steps = loss === null ? [] : [0, last];
  return { label, end: label, colour: '--muted', width: 1, dash, framed: true, steps, losses };
}

/** What simpler models reach on the text that is chosen, to where the longest run ends. */
function baselineCurves(): Curve[] {
  const runs = [ownPoints.value, ...runsHere.value.map((run) => run.points)];
  const last = Math.max(10, ...runs.map((run) => run.at(-1)?.step ?? 0));
  const all: Curve[] = [];
  if (baselines.uniform.value) all.push(flat('Uniform', uniformLoss.value, [2, 4], last));
  if (baselines.unigram.value) all.push(flat('Unigram', unigramLoss.value, [6, 4], last));
  if (baselines.ngram.value) {
    const order = ngramOrder.value;
    const loss = order === null ? null : ngramLosses.value[order - 1];
    all.push(flat(order === null ? 'N-gram' : `${order}-gram`, loss, [12, 4], last));
  }
  return all;
}

function ofKept({ id, name, points }: KeptRun): Curve[] {
  const style = { ...look(id), width: 1.5 };
  return ofRun(points, name || `Run ${id}`, style, style);
}

/** Everything that is drawn of the text that is chosen, the run on the page last, on top. */
export const curves = computed<readonly Curve[]>(() => {
  const now = ownPoints.value;
  const each: Curve = {
    label: 'Each report',
    colour: '--faint',
    width: 1,
    framed: false,
    steps: now.map(({ step }) => step),
    losses: now.map(({ loss }) => loss),
  };
  const own = ofRun(now, '', { colour: '--accent', width: 2 }, { colour: '--warm', width: 2 });
  return [...baselineCurves(), ...runsHere.value.flatMap(ofKept), each, ...own];
});

/** Runs on other texts: one chart a text, for losses on two texts do not compare. */
export const otherTexts = computed(() => {
  const byText = new Map<string, KeptRun[]>();
  for (const run of shownRuns.value) {
    if (isOn(run, text.value)) continue;
    const key = `${run.text} ${run.textLength}`;
    byText.set(key, [...(byText.get(key) ?? []), run]);
  }
  return [...byText].map(([key, runs]) => ({
    key,
    name: runs[0].text,
    curves: runs.flatMap(ofKept),
  }));
});

/** The least and the largest loss that the axis is to show; of runs that have all diverged, how they began. */
export function framedRange(all: readonly Curve[]): [least: number, most: number] {
  const finite = (losses: readonly (number | null)[]) =>
    losses.filter((loss) => loss !== null && Number.isFinite(loss)) as number[];
  const framed = all.filter((curve) => curve.framed).flatMap(({ losses }) => finite(losses));
  const begun = all.flatMap(({ losses }) => finite(losses).slice(0, 1));
  const shown = framed.length > 0 ? framed : begun;
  if (shown.length === 0) return [0, 1];
  return shown.reduce(
    ([least, most], loss) => [Math.min(least, loss), Math.max(most, loss)],
    [Infinity, -Infinity],
  );
}
