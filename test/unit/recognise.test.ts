/** What the page of recognisers works out by itself. */
import { Generator, openDevice, Random } from 'lethe';
import { describe, expect, test } from 'vitest';

import { readingOf } from '../../demos/recognise/lessons/reading';
import { Segmenter } from '../../demos/recognise/segmenter';
import { axisOf } from '../../demos/shared/line_chart';
import { Recogniser } from '../../demos/tasks/recognition/recogniser';

const RATE = 16_000;

/** A tone of so many seconds, or quiet, both with a little noise. */
function sound(seconds: number, loud: number, random: Random): Float32Array {
  return Float32Array.from({ length: Math.round(seconds * RATE) }, (_, i) => {
    return loud * Math.sin((2 * Math.PI * 300 * i) / RATE) + 0.001 * random.normal();
  });
}

/** Pushes it as a microphone does, in small pieces. */
function cut(parts: readonly Float32Array[]): Float32Array[] {
  const segmenter = new Segmenter(RATE);
  const pieces: Float32Array[] = [];
  for (const part of parts) {
    for (let from = 0; from < part.length; from += 128) {
      const piece = segmenter.push(part.subarray(from, from + 128));
      if (piece) pieces.push(piece);
    }
  }
  return pieces;
}

describe('what is said is cut out of a stream', () => {
  const random = new Random(1);
  const quiet = (seconds: number) => sound(seconds, 0, random);
  const tone = (seconds: number) => sound(seconds, 0.2, random);

  test('each piece with a little around it, pauses within it kept', () => {
    const pieces = cut([
      ...[quiet(1), tone(0.3), quiet(0.6)],
      // A stop within a word is no end of it.
      ...[tone(0.2), quiet(0.1), tone(0.2), quiet(0.6)],
    ]);
    expect(pieces).toHaveLength(2);
    expect(pieces[0].length / RATE).toBeGreaterThan(0.3);
    expect(pieces[0].length / RATE).toBeLessThan(0.55);
    expect(pieces[1].length / RATE).toBeGreaterThan(0.5);
    expect(pieces[1].length / RATE).toBeLessThan(0.75);
  });

  test('silence and clicks are none', () => {
    expect(cut([quiet(3)])).toEqual([]);
    expect(cut([quiet(1), tone(0.03), quiet(1)])).toEqual([]);
  });

  test('a sound without an end is cut off, and the next is heard', () => {
    const pieces = cut([quiet(1), tone(2), quiet(0.6), tone(0.3), quiet(0.6)]);
    expect(pieces.length).toBeGreaterThanOrEqual(2);
    expect(Math.max(...pieces.map(({ length }) => length / RATE))).toBeLessThan(1.9);
  });
});

test('the axis of a chart holds its values, with round numbers in it', () => {
  const axis = axisOf([0.12, 0.9]);
  expect(axis.least).toBeLessThanOrEqual(0.12);
  expect(axis.most).toBeGreaterThanOrEqual(0.9);
  expect(axis.ticks.map((tick) => tick.toFixed(2))).toEqual(['0.20', '0.40', '0.60', '0.80']);
  // A baseline alone.
  const alone = axisOf([0.12]);
  expect(alone.least).toBe(0);
  expect(new Set(alone.ticks.map((tick) => tick.toFixed(2))).size).toBe(alone.ticks.length);
  expect(axisOf([]).ticks.length).toBeGreaterThan(1);
});

test('a reading: probabilities of frames, both searches, and the lattice of a text', async () => {
  const device = await openDevice('cpu');
  const sizes = {
    features: 2,
    classes: 3,
    front: 0,
    cell: 'gru',
    hidden: 4,
    layers: 1,
    dropout: 0,
  } as const;
  const random = new Random(2);
  const model = new Recogniser(device, sizes, {
    random,
    generator: new Generator(device, 2),
  }).eval();
  const meta = { alphabet: ['a', 'b'], sizes, batchSize: 1 };
  const frames = Float32Array.from({ length: 14 }, () => random.normal());
  const reading = await readingOf(model, meta, frames, 'abb');
  expect(reading.labels).toEqual(['', 'a', 'b']);
  for (let t = 0; t < 7; t++) {
    const [blank, a, b] = reading.probabilities.subarray(3 * t, 3 * t + 3);
    expect(blank + a + b).toBeCloseTo(1, 5);
  }
  const { states, posterior, path, loss } = reading.alignment!;
  expect(states).toEqual(['', 'a', '', 'b', '', 'b', '']);
  for (let t = 0; t < 7; t++) {
    const sum = posterior.subarray(7 * t, 7 * t + 7).reduce((total, share) => total + share, 0);
    expect(sum).toBeCloseTo(1, 5);
  }
  // Forwards by at most two states, through the blank between both b, from an end to the other.
  expect(path[0]).toBeLessThanOrEqual(1);
  expect(path[6]).toBeGreaterThanOrEqual(5);
  for (let t = 1; t < 7; t++) {
    const [before, now] = [path[t - 1], path[t]];
    expect(now - before).toBeGreaterThanOrEqual(0);
    expect(now - before).toBeLessThanOrEqual(2);
    expect([before, now]).not.toEqual([3, 5]);
  }
  expect(loss).toBeGreaterThan(0);
  // Four labels with three blanks between them take seven frames at least, and here are six.
  expect((await readingOf(model, meta, frames.subarray(0, 12), 'aaaa')).alignment).toBeNull();
  device.dispose();
});
