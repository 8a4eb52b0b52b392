import type { Journal, Point, RunEvent } from './protocol';

export const EMPTY: Journal = { report: null, validation: null, points: [], samples: [] };

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
    case 'validation':
      return {
        ...journal,
        validation: { step: event.step, loss: event.loss },
        points: journal.points.map((point) =>
          point.step === event.step ? { ...point, validation: event.loss } : point,
        ),
      };
    case 'sample': {
      const others = journal.samples.filter(({ id }) => id !== event.sample.id);
      const samples = [event.sample, ...others];
      return {
        ...journal,
        samples: samples.map((one, i) => (i < SCORED_SAMPLES ? one : { ...one, scores: [] })),
      };
    }
    default:
      return journal;
  }
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
