import { computed, effect, signal } from '@preact/signals';

import { messageOf } from '../../../src/io/reason';
import { Asked } from '../../shared/asked';
import { WorkerLink } from '../../shared/worker_link';
import { begun, currentRun, keptRuns } from '../kept_runs';
import { abandoned, connect } from '../service';
import { hasModel, step, validation } from '../store';
import { distance } from './layout';
import type { LayoutService, MapPoint, ModelMap } from './protocol';

/** Models that a map needs. */
export const MIN_POINTS = 8;
/** Milliseconds between two maps while it trains. */
const MAP_INTERVAL_MS = 8000;

export const asked = new Asked<ModelMap | null, ReturnType<typeof connect>>(connect, (service) =>
  service.map.points(
    keptRuns
      .peek()
      .filter(({ model }) => model)
      .map(({ key, step }) => ({ id: key, step })),
  ),
);

const link = new WorkerLink<LayoutService>(
  () => new Worker(new URL('./layout_worker.ts', import.meta.url), { type: 'module' }),
  (message) => (layoutProblem.value = `The map cannot be laid out: ${message}.`),
);
export const layoutProblem = signal<string | null>(null);

/** Models with their places. */
export interface Placed extends MapPoint {
  readonly x: number;
  readonly y: number;
}

/** The map as it was laid out last. */
export const placed = signal<readonly Placed[]>([]);

/** What is wrong with a map of so many models, or null. */
export const tooFew = computed(() => {
  const points = asked.value.value?.points;
  return points !== undefined && points.length < MIN_POINTS;
});

async function layOut({ points }: ModelMap): Promise<void> {
  layoutProblem.value = null;
  const vectors = points.map(({ vector }) => vector);
  try {
    const places = await link.answered(link.connect().layOut(vectors));
    if (asked.value.peek()?.points !== points) return;
    placed.value = points.map((point, i) => ({ ...point, x: places[i][0], y: places[i][1] }));
  } catch (error) {
    layoutProblem.value ??= messageOf(error);
  }
}

/** Draws the map anew as models are added, until the function given back is called. */
export function watch(): () => void {
  const stopAsking = effect(() => {
    void abandoned.value;
    if (!hasModel.value) {
      placed.value = [];
      return asked.forget();
    }
    if (asked.value.peek() === null) void asked.ask();
  });
  const following = setInterval(() => {
    const last = validation.peek()?.step ?? step.peek();
    const known = asked.value.peek()?.points.filter(({ run }) => run === begun.peek()?.key);
    const behind = known !== undefined && (known.at(-1)?.at ?? -1) < last;
    if (behind && performance.now() - asked.last.at >= MAP_INTERVAL_MS) void asked.ask();
  }, 500);
  const stopLayout = effect(() => {
    const map = asked.value.value;
    if (map && map.points.length >= MIN_POINTS) void layOut(map);
  });
  return () => {
    stopAsking();
    stopLayout();
    clearInterval(following);
    link.end();
  };
}

/** What a run, or the n-grams, are called. */
export function titleOf(run: string): string {
  if (run === 'ngrams') return 'n-grams';
  if (run === begun.value?.key && currentRun.value) return `${currentRun.value.name} (this run)`;
  return keptRuns.value.find(({ key }) => key === run)?.name ?? 'this run';
}

/** `step 1,200 of LSTM 1x128`, `the 5-gram` */
export function nameOf({ kind, run, at }: MapPoint): string {
  if (kind === 'ngram') return `the ${at}-gram`;
  return `step ${at.toLocaleString('en')} of ${titleOf(run)}`;
}

/** The n-gram that predicts most like a model, and how far it is, in nats per character. */
export function nearestNgram(point: MapPoint): { order: number; distance: number } | null {
  const orders = (asked.value.value?.points ?? []).filter(({ kind }) => kind === 'ngram');
  const all = orders.map(({ at, vector }) => ({
    ...{ order: at, distance: distance(vector, point.vector) },
  }));
  return all.reduce<(typeof all)[number] | null>(
    (best, one) => (best && best.distance <= one.distance ? best : one),
    null,
  );
}
