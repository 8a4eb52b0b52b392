import type { Journal, Point, RunEvent } from './protocol';
import { withSample } from './timeline';

export const EMPTY: Journal = {
  ...{ report: null, validation: null, best: null },
  ...{ points: [], samples: [] },
};

/** The latest samples keep what the model thought of each character; it is the most of them. */
const SCORED_SAMPLES = 20;
/** Points that the chart keeps; then every second one goes. */
const MAX_POINTS = 4000;

/** The journal after an event. */
export function entered(journal: Journal, event: RunEvent): Journal {
  switch (event.kind) {
    case 'report': {
      const { step, loss, smoothedLoss: smoothed } = event.report;
      const points = thinned([...journal.points, { step, loss, smoothed, validation: null }]);
      return { ...journal, report: event.report, points };
    }
    case 'validation': {
      const { step, loss } = event;
      return {
        ...journal,
        validation: { step, loss },
        best: loss < (journal.best?.loss ?? Infinity) ? { step, loss } : journal.best,
        points: journal.points.map((point) =>
          point.step === step ? { ...point, validation: loss } : point,
        ),
      };
    }
    case 'sample': {
      const samples = withSample(journal.samples, event.sample);
      return {
        ...journal,
        samples: samples.map((one, i) => (i < SCORED_SAMPLES ? one : { ...one, scores: [] })),
      };
    }
    default:
      return journal;
  }
}

/** The journal as it was at a step of before, whose points are there still. */
export function journalAt(journal: Journal, step: number): Journal {
  const points = journal.points.filter((point) => point.step <= step);
  const last = points.at(-1);
  const held = points.findLast(({ validation }) => validation !== null);
  const report = journal.report &&
    last && { ...journal.report, step, loss: last.loss, smoothedLoss: last.smoothed };
  return {
    ...journal,
    report: report ?? null,
    validation:
      journal.best?.step === step
        ? journal.best
        : held
          ? { step: held.step, loss: held.validation! }
          : null,
    points,
    samples: journal.samples.filter((sample) => sample.step <= step),
  };
}

function thinned(all: readonly Point[]): readonly Point[] {
  return all.length <= MAX_POINTS ? all : halved(all);
}

/** One point of every two: the one with a validation loss, if only one has it; and the last one. */
export function halved(all: readonly Point[]): readonly Point[] {
  const last = all.length - 1;
  const kept = all.filter((point, i) => {
    const partner = all[i ^ 1];
    if (i === last || !partner) return true;
    const told = Number(point.validation !== null) - Number(partner.validation !== null);
    return told === 0 ? i % 2 === 0 : told > 0;
  });
  return kept;
}
