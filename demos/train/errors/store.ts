import { computed, effect, signal } from '@preact/signals';

import { ERROR_KINDS } from '../../../src/text/index';
import type { ErrorKind } from '../../../src/text/index';
import { Asked } from '../../shared/asked';
import { begun } from '../kept_runs';
import { abandoned, connect } from '../service';
import { hasModel, phase, step } from '../store';
import type { Mistakes } from './protocol';

/** Characters of the text that are shown at once. */
export const PART_CHARACTERS = 2000;
/** Milliseconds between two readings while it trains, and times what one takes. */
const READ_INTERVAL_MS = 10_000;
const READ_INTERVAL_RATIO = 10;

/** Characters read, of all; null while nothing is read. */
export const progress = signal<readonly [done: number, all: number] | null>(null);

function told(done: number, all: number): void {
  progress.value = [done, all];
}

export const asked = new Asked<Mistakes | null, ReturnType<typeof connect>>(
  connect,
  async (service) => {
    try {
      return await service.errors.read(told);
    } finally {
      progress.value = null;
    }
  },
);

/** What there was last; it stays while the model reads again. */
export const mistakes = asked.value;

/** Reads again as the model learns, until the function given back is called. */
export function watch(): () => void {
  const stop = effect(() => {
    void abandoned.value;
    asked.about(begun.value?.key);
    if (!hasModel.value) return asked.forget();
    // At rest, a step may be taken by itself.
    if (phase.value === 'paused') void step.value;
    if (mistakes.peek()?.step !== step.peek()) void asked.ask();
  });
  const following = setInterval(() => {
    const { at, took } = asked.last;
    const rested = performance.now() - at >= Math.max(READ_INTERVAL_MS, READ_INTERVAL_RATIO * took);
    if (rested && phase.peek() === 'running' && !asked.waiting.peek()) void asked.ask();
  }, 500);
  return () => {
    stop();
    clearInterval(following);
    if (asked.waiting.peek()) {
      void connect().errors.stop();
      asked.forget();
    }
  };
}

/** Errors by kind, in the order in which they are taken away. */
export const byKind = computed(() => {
  const slices = mistakes.value?.kinds.slices ?? [];
  return ERROR_KINDS.map((kind) => {
    const own = slices.filter((slice) => slice.kind === kind);
    return { kind, slices: own, count: own.reduce((sum, { count }) => sum + count, 0) };
  });
});

/** The kind of each character, null where it is no error. */
export const kindOf = computed<readonly (ErrorKind | null)[]>(() => {
  const kinds = mistakes.value?.kinds;
  return kinds ? Array.from(kinds.sliceOf, (of) => (of < 0 ? null : kinds.slices[of].kind)) : [];
});

const meanLoss = (probabilities: Float32Array): number =>
  -probabilities.reduce((sum, p) => sum + Math.log(Math.max(p, Number.MIN_VALUE)), 0) /
  probabilities.length;

/** Of the network, and of the n-grams by order from 1 on; nats per character. */
export const networkLoss = computed(() =>
  mistakes.value ? meanLoss(mistakes.value.network) : NaN,
);
export const ngramLosses = computed(() => (mistakes.value?.ngrams ?? []).map(meanLoss));

/** The order to compare with, from 1; the best where none is chosen. */
export const wantedOrder = signal<number | null>(null);
export const order = computed(() => {
  const losses = ngramLosses.value;
  return wantedOrder.value ?? 1 + losses.indexOf(Math.min(...losses));
});

/** By how much the network gives each character more than the n-gram does: the difference of ln p. */
export const differences = computed<Float32Array>(() => {
  const found = mistakes.value;
  const ngram = found?.ngrams[order.value - 1];
  if (!found || !ngram) return new Float32Array();
  return found.network.map((p, t) => Math.log(Math.max(p, 1e-9)) - Math.log(ngram[t]));
});

/** What the colours of the text tell. */
export const colouring = signal<'kinds' | 'difference'>('kinds');
/** The kind that alone is coloured; null for all. */
export const onlyKind = signal<ErrorKind | null>(null);

export const characters = computed(() => Array.from(mistakes.value?.text ?? ''));
const wantedPart = signal(0);
export const parts = computed(() => Math.ceil(characters.value.length / PART_CHARACTERS));
export const part = computed(() => Math.min(wantedPart.value, Math.max(parts.value - 1, 0)));
export const from = computed(() => part.value * PART_CHARACTERS);
export const shown = computed(() =>
  characters.value.slice(from.value, from.value + PART_CHARACTERS),
);
const wantedPosition = signal(0);
/** The character that is marked, of those shown. */
export const position = computed(() =>
  Math.max(0, Math.min(wantedPosition.value, shown.value.length - 1)),
);

export function pickPosition(at: number): void {
  wantedPosition.value = at;
}
export function pickPart(at: number): void {
  wantedPart.value = at;
}
