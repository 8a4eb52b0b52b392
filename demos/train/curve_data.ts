import { computed, signal } from '@preact/signals';
import type { Point } from './protocol';

import { ngramLosses, ngramOrder, unigramLoss, uniformLoss } from './baselines';
import { keptRuns } from './kept_runs';
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
  /** A colour of the style sheet. */
  colour: string;
  width: number;
  dash?: number[];
  /** Marks each value, as they are few. */
  dots?: boolean;
  /** A baseline: its label stands at the line. */
  flat?: boolean;
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

function ofRun(
  all: readonly Point[],
  name: string,
  smoothed: Pick<Curve, 'colour' | 'width' | 'dash'>,
  held: Pick<Curve, 'colour' | 'width' | 'dash'>,
): Curve[] {
  const seen = all.filter(({ validation }) => validation !== null);
  return [
    {
      ...smoothed,
      label: name ? `${name}, smoothed` : 'Smoothed',
      steps: all.map(({ step }) => step),
      losses: all.map((point) => point.smoothed),
    },
    {
      ...held,
      label: name ? `${name}, validation` : 'Validation',
      dots: true,
      steps: seen.map(({ step }) => step),
      losses: seen.map(({ validation }) => validation),
    },
  ];
}

/** Where the step axis ends: at the longest run that is drawn. */
const lastStep = computed(() => {
  const runs = [points.value, ...keptRuns.value.filter(({ shown }) => shown).map((r) => r.points)];
  return Math.max(10, ...runs.map((run) => run.at(-1)?.step ?? 0));
});

function flat(label: string, loss: number | null, dash: number[]): Curve {
  const losses = loss === null ? [] : [loss, loss];
  const steps = loss === null ? [] : [0, lastStep.value];
  return { label, colour: '--muted', width: 1, dash, flat: true, steps, losses };
}

/** Everything that the chart draws, the run on the page last, on top. */
export const curves = computed<readonly Curve[]>(() => {
  const all: Curve[] = [];
  const order = ngramOrder.value;
  if (baselines.uniform.value) all.push(flat('Uniform', uniformLoss.value, [2, 4]));
  if (baselines.unigram.value) all.push(flat('Unigram', unigramLoss.value, [6, 4]));
  if (baselines.ngram.value) {
    const loss = order === null ? null : ngramLosses.value[order - 1];
    all.push(flat(order === null ? 'N-gram' : `${order}-gram`, loss, [12, 4]));
  }
  for (const { id, name, points: own, shown } of keptRuns.value) {
    if (!shown) continue;
    const style = { ...look(id), width: 1.5 };
    all.push(...ofRun(own, name || `Run ${id}`, style, style));
  }
  const now = points.value;
  all.push(
    {
      label: 'Loss',
      colour: '--faint',
      width: 1,
      steps: now.map(({ step }) => step),
      losses: now.map(({ loss }) => loss),
    },
    ...ofRun(now, '', { colour: '--accent', width: 2 }, { colour: '--warm', width: 2 }),
  );
  return all;
});
