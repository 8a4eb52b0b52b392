import { computed, effect, signal } from '@preact/signals';

import type { CellName } from '../../../src/train/config';
import { Asked } from '../../shared/asked';
import { CELL_LABELS } from '../cell_labels';
import { excerpt } from '../excerpt';
import { parseNumber, runSettings, typed } from '../form';
import { grouped } from '../../shared/format';
import { begun } from '../kept_runs';
import { abandoned, connect } from '../service';
import { phase, step } from '../store';
import type { FlowCurve, FlowRequest, FlowText } from './protocol';

/** The longest way back, in characters. */
const MAX_CHARACTERS = 200;
/** Milliseconds that a setting rests before it is measured. */
const DEBOUNCE_MS = 150;
/** Milliseconds between two looks at a model that learns. */
const LOOK_INTERVAL_MS = 3000;

export const seq = signal('100');
export const forgetBias = signal<'0' | '1' | '3'>('1');
export const recurrentInit = signal<'uniform' | 'orthogonal'>('uniform');
export const gain = signal(1);
/** The layer shown, from 1; empty for the top one. */
export const layer = signal('');

export const seqProblem = computed(() => {
  const value = parseNumber(seq.value);
  if (Number.isInteger(value) && value >= 2 && value <= MAX_CHARACTERS) return null;
  return `${seq.value || 'nothing'}: a whole number from 2 to ${MAX_CHARACTERS} is needed`;
});

/** The norm that a step's gradient is clipped at; 0 for no limit. */
export const clip = computed(() => parseNumber(typed.clip.value));

const flowText = computed<FlowText>(() => ({
  text: excerpt.value,
  seq: parseNumber(seq.value),
  clip: clip.value,
}));

const request = computed<FlowRequest>(() => ({
  ...flowText.value,
  gain: gain.value,
  train: {
    ...runSettings.value.train,
    recurrentInit: recurrentInit.value,
    forgetBias: Number(forgetBias.value),
  },
}));

/** True while a setting rests. */
const changed = signal(false);
export const fresh = new Asked(connect, (service) => service.gradients.fresh(request.peek()));
export const ofRun = new Asked(connect, (service) => service.gradients.ofRun(flowText.peek()));

/** True from a change on, until what is shown was measured with it. */
export const measuring = computed(
  () => changed.value || fresh.waiting.value || ofRun.waiting.value,
);

/** What is drawn: by cell, and the run's last. */
export interface Shown extends FlowCurve {
  name: CellName | 'run';
  title: string;
}

export const shown = computed<readonly Shown[]>(() => {
  const run = ofRun.value.value;
  return [
    ...(fresh.value.value ?? []).map((curve) => ({
      ...curve,
      name: curve.cell,
      title: `New ${CELL_LABELS[curve.cell]}`,
    })),
    ...(run
      ? [
          {
            ...run,
            name: 'run' as const,
            title: `Your ${CELL_LABELS[run.cell]}, step ${grouped(run.step)}`,
          },
        ]
      : []),
  ];
});

/** The norms of the layer shown, by the parts of the state, the output first. */
export function normsOf({ norms }: FlowCurve): [part: string, norms: readonly number[]][] {
  return Object.entries(norms).map(([part, layers]) => [
    part,
    layers[Number(layer.value) - 1] ?? layers.at(-1)!,
  ]);
}

/** Those of the output. */
export function outputNorms(curve: FlowCurve): readonly number[] {
  return normsOf(curve)[0][1];
}

/** Measures whenever something changes that counts, until the function given back is called. */
export function keepMeasuring(): () => void {
  let resting: ReturnType<typeof setTimeout> | undefined;
  const stopFresh = effect(() => {
    void [request.value, abandoned.value];
    clearTimeout(resting);
    changed.value = seqProblem.value === null;
    if (!changed.peek()) return;
    resting = setTimeout(() => {
      void fresh.ask();
      changed.value = false;
    }, DEBOUNCE_MS);
  });
  let looking: ReturnType<typeof setInterval> | undefined;
  const stopRun = effect(() => {
    void [flowText.value, abandoned.value];
    clearInterval(looking);
    ofRun.about(begun.value?.key);
    const now = phase.value;
    if (now === 'idle') return ofRun.forget();
    if (seqProblem.value !== null || now === 'opening' || now === 'pausing') return;
    // At rest, a step may be taken by itself.
    if (now === 'paused') void step.value;
    void ofRun.ask();
    if (now === 'running') looking = setInterval(() => void ofRun.ask(), LOOK_INTERVAL_MS);
  });
  return () => {
    stopFresh();
    stopRun();
    clearTimeout(resting);
    clearInterval(looking);
    changed.value = false;
  };
}
