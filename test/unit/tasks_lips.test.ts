/** Words by the look of a mouth. */
import { expect, test } from 'vitest';

import { warpedDistance } from '../../demos/tasks/baselines/time_warping';
import { ExampleRun } from '../../demos/tasks/example';
import { drawClip, drawClips, PIXELS } from '../../demos/tasks/lips/clips';
import { lips } from '../../demos/tasks/lips/index';
import { templateReader } from '../../demos/tasks/lips/templates';
import { LOOKS_LIKE, mouthsOf, unseen, VOCABULARY } from '../../demos/tasks/lips/words';
import type { RecognitionData } from '../../demos/tasks/recognition/utterances';
import { ArgumentError, openDevice, Random } from '../../src/index';

test('warped, sequences of another pace are the same, and others are not', () => {
  const a = Float32Array.of(0, 1, 1, 2, 2, 0);
  const slower = Float32Array.of(0, 1, 1, 2, 1, 2, 2, 0);
  expect(warpedDistance(a, slower, 2)).toBe(0);
  // One step of distance 1 more than what is the same, over 1 + 2 frames.
  expect(warpedDistance(Float32Array.of(0), Float32Array.of(0, 1), 1)).toBeCloseTo(1 / 3, 12);
});

test('words of the same mouths look alike, and the rarer ones cannot be told', () => {
  for (const [i, word] of VOCABULARY.entries()) {
    const first = VOCABULARY[LOOKS_LIKE[i + 1] - 1];
    expect(mouthsOf(word)).toEqual(mouthsOf(first));
    if (first === word) continue;
    expect([first, word].join()).toMatch(/^(bat,mat|fan,van|pea,bee)$/);
  }
  // Of 24 words in the urn one mat, one van and one bee.
  expect(unseen()).toBeCloseTo(3 / 24, 12);
});

test('clips are the same by seed, and of the words that are asked for', () => {
  expect(drawClips(3, 1)).toEqual(drawClips(3, 1));
  const { frames, labels } = drawClip(['we', 'moo'], new Random(1));
  expect(labels.map((label) => VOCABULARY[label - 1])).toEqual(['we', 'moo']);
  expect(frames.length % PIXELS).toBe(0);
  expect(() => drawClip(['hello'], new Random(1))).toThrow(
    /"hello" is none of the labels: bat mat/,
  );
});

test('the baseline cuts where the mouth rests', () => {
  const read = templateReader();
  const { frames, labels } = drawClip(['you'], new Random(5));
  expect(read({ frames, labels })).toEqual(labels);
});

test('a recogniser learns words, and is asked', async () => {
  const device = await openDevice('cpu');
  // Few words, one or two in a clip, are learnt in seconds.
  const some = (count: number, seed: number) =>
    Array.from({ length: count }, (_, i) =>
      drawClip([['moo', 'far', 'tea'][i % 3], ...(i % 2 ? ['far'] : [])], new Random(seed, i)),
    );
  const [train, held] = [some(240, 1), some(40, 2)];
  const data: RecognitionData = {
    ...{ train, valid: held, test: held, features: PIXELS, alphabet: VOCABULARY },
  };
  const run = new ExampleRun(lips, device, data, { source: null, seed: 1, epochs: 28 });
  for await (const _ of run.fit()) continue;
  run.trainer.restoreBest();
  const figures = await run.test();
  expect(figures['labelError of looks']).toBeLessThan(0.25);
  expect(figures.labelError).toBeGreaterThanOrEqual(figures['labelError of looks']);
  const ask = (input: string) =>
    lips.ask!(run.model.eval() as never, run.about.meta as never, input);
  expect(await ask('You far')).toMatch(/^greedy +\w+/);
  await expect(ask(' ')).rejects.toThrow(/^lips: nothing to say; give bat, mat/);
  await expect(lips.load('x')).rejects.toThrow(
    new ArgumentError('lips: DATA = x; its clips are drawn by code: leave it out'),
  );
  device.dispose();
});
