/** What the studio reads from curves: divergence, overfitting, the range of the axis, places of labels. */
import { describe, expect, test, vi } from 'vitest';

import { framedRange } from '../../demos/train/curve_data';
import type { Curve } from '../../demos/train/curve_data';
import { divergedAt, lossAt, overfitting } from '../../demos/train/curve_facts';
import type { Point, StepReport } from '../../demos/train/protocol';
import { isOn, recordOf } from '../../demos/train/run_record';
import type { RunRecord } from '../../demos/train/run_record';
import { spread } from '../../demos/train/spread';

vi.mock('../../demos/train/service', async () => {
  const { signal } = await import('@preact/signals');
  return { connect: () => ({}), abandoned: signal(0) };
});
// It counts texts in a worker of its own.
vi.mock('../../demos/train/text_store', () => ({ textService: () => ({}) }));

/** Points 100 steps apart. */
const points = (smoothed: readonly number[], validation: readonly (number | null)[] = []) =>
  smoothed.map((loss, i): Point => {
    return { step: 100 * (i + 1), loss, smoothed: loss, validation: validation[i] ?? null };
  });

test('the loss at a step is that of the next report', () => {
  const all = points([3, 2, 1]);
  expect([0, 100, 101, 300, 301].map((step) => lossAt(all, step))).toEqual([3, 3, 2, 1, null]);
});

describe('a run has diverged', () => {
  test('where its loss is above its first to the end, from the step on where it rose', () => {
    expect(divergedAt(points([4, 2, 3, 5, 9]))).toBe(400);
    expect(divergedAt(points([4, 2, 9, 3]))).toBeNull();
    expect(divergedAt(points([4, 4.1, 4.2]))).toBeNull();
    expect(divergedAt([])).toBeNull();
  });

  test('where its loss is not finite, also once that went through JSON', () => {
    expect(divergedAt(points([4, 2, NaN]))).toBe(300);
    const back = JSON.parse(JSON.stringify(points([4, Infinity, Infinity]))) as Point[];
    expect(divergedAt(back)).toBe(200);
  });
});

describe('overfitting', () => {
  const falling = [3, 2.5, 2, 1.5, 1];

  test('is a held-out loss above its lowest for three evaluations, while the other falls', () => {
    expect(overfitting(points(falling, [2, 1.5, 1.6, 1.7, 1.8]))).toEqual({
      best: { step: 200, loss: 1.5 },
      now: 1.8,
    });
  });

  test('is none before that, nor where both rise, nor within the noise', () => {
    expect(overfitting(points(falling, [2, 1.9, 1.5, 1.6, 1.7]))).toBeNull();
    expect(overfitting(points(falling, [2, 1.5, 1.6, 1.501, 1.8]))).toBeNull();
    expect(overfitting(points([3, 2, 2.1, 2.2, 2.3], [2, 1.5, 1.6, 1.7, 1.8]))).toBeNull();
    expect(overfitting(points(falling))).toBeNull();
  });
});

describe('the loss axis', () => {
  const curve = (losses: (number | null)[], framed = true): Curve => ({
    ...{ label: '', colour: '', width: 1, steps: losses.map((_, i) => i) },
    ...{ losses, framed },
  });

  test('shows runs that learn, whatever one that has diverged came to', () => {
    const learns = curve([4, 2, null, 1.5]);
    expect(framedRange([learns, curve([4, 1e30, Infinity], false)])).toEqual([1.5, 4]);
    expect(framedRange([curve([5, 1e30], false), curve([4, 90], false)])).toEqual([4, 5]);
    expect(framedRange([])).toEqual([0, 1]);
  });
});

test('a run is on a text of its name and length; one of before tells the name alone', () => {
  const run = (textLength?: number) => ({ text: 'mine', textLength }) as RunRecord;
  const text = { name: 'mine', length: 5 };
  expect([run(5), run(6), run()].map((one) => isOn(one, text))).toEqual([true, false, true]);
  expect(isOn(run(5), { ...text, name: 'other' })).toBe(false);
});

test('labels lie as near to their lines as their height allows, within the chart', () => {
  const bounds = { top: 5, bottom: 95, height: 10 };
  expect(spread([20, 50], bounds)).toEqual([20, 50]);
  expect(spread([20, 22, 24], bounds)).toEqual([20, 30, 40]);
  expect(spread([0, 1, 60], bounds)).toEqual([5, 15, 60]);
  expect(spread([88, 90, 94], bounds)).toEqual([75, 85, 95]);
  expect(spread([], bounds)).toEqual([]);
});

test('a run kept with a bias for a gate that its cell lacks is listed without it', () => {
  const report = { step: 5, smoothedLoss: 2, charactersPerSecond: 9 } as StepReport;
  const journal = { report, validation: null, best: null, points: [], samples: [] };
  const train = { cell: 'gru', forgetBias: 1, hidden: 8 } as const;
  const settings = { train, device: 'cpu', temperature: 1 } as const;
  const record = recordOf({ name: 'sea', length: 3 }, 'CPU', settings, journal);
  expect(record?.settings).toMatchObject({ cell: 'gru', forgetBias: null, hidden: 8 });
});
