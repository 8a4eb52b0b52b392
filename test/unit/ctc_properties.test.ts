/** What holds for the CTC loss of any batch: lengths, repeats, blanks, padding and targets without a path. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { openDevice } from '../../src/index';
import type { Device, DType } from '../../src/index';
import { runCtc } from '../setup/ctc_loss';
import type { CtcBatch } from '../setup/ctc_loss';

const device = await openDevice('cpu');
const reference = await openDevice('cpu', { reference: true });
const DEVICES: [string, Device, DType][] = [
  ['fast, f32', device, 'f32'],
  ['reference, f64', reference, 'f64'],
];

/** Batches of all lengths from 0 on; NaN behind the end of a sequence. */
const anyBatch = fc
  .record({
    time: fc.integer({ min: 1, max: 12 }),
    classes: fc.integer({ min: 2, max: 5 }),
    size: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(),
  })
  .chain(({ time, classes, size, seed }) => {
    const blank = seed % classes;
    const label = fc.nat({ max: classes - 2 }).map((c) => (c < blank ? c : c + 1));
    const count = time * size * classes;
    return fc.record({
      blank: fc.constant(blank),
      frames: fc.array(fc.nat({ max: time }), { minLength: size, maxLength: size }),
      targets: fc.array(fc.array(label, { maxLength: 6 }), { minLength: size, maxLength: size }),
      values: fc.array(fc.double({ min: -9, max: 9, noNaN: true }), {
        minLength: count,
        maxLength: count,
      }),
      shape: fc.constant({ time, classes, size }),
    });
  })
  .map(({ blank, frames, targets, values, shape: { time, classes, size } }) => {
    const own = values.map((value, i) => {
      const [t, b] = [Math.floor(i / classes / size), Math.floor(i / classes) % size];
      return t < frames[b] ? value : NaN;
    });
    const batch: CtcBatch = { values: own, time, classes, targets, frames };
    return { blank, batch };
  });

/** T is at least L and its repeats. */
const fits = (labels: readonly number[], frames: number): boolean =>
  labels.length + labels.filter((label, j) => label === labels[j - 1]).length <= frames;

const sumOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0);

describe.each(DEVICES)('%s', (_, on, dtype) => {
  const digits = dtype === 'f64' ? 12 : 5;

  test.each([false, true])('from log-probabilities %s', async (fromLogProbs) => {
    await fc.assert(
      fc.asyncProperty(anyBatch, async ({ blank, batch }) => {
        const { time, classes, targets, frames } = batch;
        const size = targets.length;
        const given = { blank, fromLogProbs, reduction: 'none' } as const;
        const { loss, gradient } = await runCtc(batch, given, on, dtype);
        const zero = await runCtc(batch, { ...given, zeroInfinity: true }, on, dtype);
        expect(zero.gradient).toEqual(gradient);
        for (const [b, labels] of targets.entries()) {
          const fit = fits(labels, frames![b]);
          if (fit) {
            expect(loss[b]).toBeLessThan(Infinity);
            expect(zero.loss[b]).toBe(loss[b]);
            if (!fromLogProbs) expect(loss[b]).toBeGreaterThanOrEqual(0);
          } else {
            expect([loss[b], zero.loss[b]]).toEqual([Infinity, 0]);
          }
          for (let t = 0; t < time; t++) {
            const at = (t * size + b) * classes;
            const frame = gradient.slice(at, at + classes);
            if (!fit || t >= frames![b]) {
              expect(frame.every((g) => g === 0)).toBe(true);
              continue;
            }
            // Posteriors sum to 1, as probabilities do.
            expect(sumOf(frame)).toBeCloseTo(fromLogProbs ? -1 : 0, digits);
            for (const [c, g] of frame.entries()) {
              expect(Math.abs(g)).toBeLessThanOrEqual(1 + 1e-5);
              // Of a class that is neither blank nor in the target, nothing is taken.
              if (c === blank || labels.includes(c)) continue;
              if (fromLogProbs) expect(g).toBeCloseTo(0, 12);
              else expect(g).toBeGreaterThan(0);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
