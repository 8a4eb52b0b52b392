/** The studio's map of models, and what models are compared on. */
import { describe, expect, test } from 'vitest';

import { distance, upright } from '../../demos/train/map/layout';
import { passageOf, vectorOf } from '../../demos/train/map/passage';
import { Recorder } from '../../demos/train/map/recorder';
import { Questions, readProbabilities, Superseded } from '../../demos/train/probabilities';
import type { Run } from '../../demos/train/run';
import { openDevice } from '../../src/index';
import { CharTrainer } from '../../src/train/index';

const TEXT = 'the quick brown fox jumps over the lazy dog.\n'.repeat(40);

describe('a layout', () => {
  const shape = [
    [0, 0],
    [4, 1],
    [8, 2],
    [9, 4],
  ] as const;

  test.each([0, 1, 2.5, 4])('looks the same, however it comes turned: by %d', (angle) => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const turned = shape.map(([x, y]) => [cos * x - sin * y + 3, sin * x + cos * y - 7]);
    const places = upright(turned);
    const expected = upright(shape);
    for (const mirrored of [places, upright(turned.map(([x, y]) => [-x, y]))]) {
      mirrored.forEach((place, i) => {
        expect(place[0]).toBeCloseTo(expected[i][0], 9);
        expect(place[1]).toBeCloseTo(expected[i][1], 9);
      });
    }
    // Most spread from left to right, the first one at the left and below.
    const spread = (k: number) => places.reduce((sum, place) => sum + place[k] ** 2, 0);
    expect(spread(0)).toBeGreaterThan(spread(1));
    expect(places[0][0]).toBeLessThan(0);
    expect(places[0][1]).toBeLessThanOrEqual(0);
  });

  test('of no model, and of models at one place', () => {
    expect(upright([])).toEqual([]);
    expect(
      upright([
        [1, 1],
        [1, 1],
      ])
        .flat()
        .every((value) => Math.abs(value) === 0),
    ).toBe(true);
  });
});

describe('the passage', () => {
  test('is the end of what is held out, with some characters before it', () => {
    const ids = Uint8Array.from({ length: 700 }, (_, i) => i % 7);
    const { ids: read, length } = passageOf(ids);
    expect(length).toBe(500);
    expect(read).toEqual(ids.subarray(100));
    // The same, whatever share is held out.
    expect(passageOf(ids.subarray(50)).ids).toEqual(read);
    expect(passageOf(ids.subarray(0, 20))).toEqual({ ids: ids.subarray(0, 20), length: 20 });
  });

  test('what a model made of it: ln p, and no less than ln 0.0001', () => {
    const { vector, loss } = vectorOf([0.9, 0.5, 0, NaN], 3);
    expect(vector[0]).toBeCloseTo(Math.log(0.5), 6);
    expect([vector[1], vector[2]]).toEqual([vector[1], vector[1]]);
    expect(vector[1]).toBeCloseTo(Math.log(1e-4), 5);
    expect(loss).toBeCloseTo((Math.log(2) + 2 * Math.log(1e4)) / 3, 5);
    expect(distance(Float32Array.of(-1, -2), Float32Array.of(-2, -4))).toBe(1.5);
  });
});

test('only the latest question goes on', async () => {
  const questions = new Questions();
  const first = questions.begin();
  await first();
  const second = questions.begin();
  await expect(first()).rejects.toThrow(Superseded);
  await second();
  questions.stop();
  await expect(second()).rejects.toThrow(Superseded);
});

describe('a run that is recorded', async () => {
  const device = await openDevice('cpu');
  const trainer = new CharTrainer(device, TEXT, { hidden: 8, embedding: 0, batch: 2, seq: 10 });
  const run = (id: string, text = TEXT) => ({ id, source: { name: 'fox', text } }) as Run;

  test('has a point for each evaluation, and begins anew from an earlier step', async () => {
    const recorder = new Recorder();
    await recorder.record(run('a'), trainer);
    await trainer.trainStep();
    await recorder.record(run('a'), trainer);
    await recorder.record(run('a'), trainer);
    const points = recorder.on(TEXT);
    expect(points.map(({ run, at }) => [run, at])).toEqual([
      ['a', 0],
      ['a', 1],
    ]);
    expect(points[0].vector).toHaveLength(180);
    // An untrained model is about as good as chance.
    expect(points[0].loss).toBeCloseTo(Math.log(trainer.vocabulary.size), 0);
    expect(points[1].vector).not.toEqual(points[0].vector);
    expect(recorder.on('another text')).toEqual([]);
  });

  test('is thinned, and keeps its last point', async () => {
    const recorder = new Recorder();
    for (let i = 0; i < 45; i++) {
      await recorder.record(run('b'), trainer);
      await trainer.trainStep();
    }
    const steps = recorder.on(TEXT).map(({ at }) => at);
    expect(steps.length).toBeLessThanOrEqual(40);
    expect(steps.at(-1)).toBe(trainer.step - 1);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  test('reads in slices that can be ended, and leaves no tensor behind', async () => {
    const { liveTensors } = device.memory();
    const ids = trainer.vocabulary.encode(TEXT.slice(0, 600));
    const told: number[] = [];
    const read = (proceed?: () => Promise<void>) =>
      readProbabilities(trainer.model, trainer.vocabulary, ids, proceed, (done) => told.push(done));
    const probabilities = await read();
    expect(told).toEqual([250, 500, 600]);
    expect(probabilities.every((p) => p > 0 && p < 1)).toBe(true);
    await expect(read(() => Promise.reject(new Superseded()))).rejects.toThrow(Superseded);
    expect(device.memory().liveTensors).toBe(liveTensors);
  });
});
