/** Videos of what the network wrote, in a browser that the test makes up. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { EMPTY } from '../../demos/train/journal';
import type { Sample } from '../../demos/train/protocol';
import { saveRecording } from '../../demos/train/recording';
import { clearRun, journal } from '../../demos/train/store';

const drawn = vi.hoisted(() => vi.fn<(context: unknown, picture: { text: string }) => void>());
const saved = vi.hoisted(() => vi.fn<(file: Blob, name: string) => void>());
const track = vi.hoisted(() => ({ stop: vi.fn<() => void>() }));
vi.mock('../../demos/train/picture_drawing', () => ({ drawPicture: drawn }));
vi.mock('../../demos/shared/save', () => ({ save: saved }));
vi.mock('../../demos/train/picture', () => ({
  canvas: () => ({ element: { captureStream: () => ({ getTracks: () => [track] }) }, context: {} }),
  pictureOf: ({ text }: Sample) => ({ text }),
}));

class Recorder extends EventTarget {
  static isTypeSupported = () => true;
  start = vi.fn<() => void>();
  stop = vi.fn(() => this.dispatchEvent(new Event('stop')));
  constructor() {
    super();
    recorders.push(this);
  }
}
const recorders: Recorder[] = [];

const written = (automatic: boolean, text: string): Sample => ({
  ...{ id: 1, step: 10, automatic, text, done: true },
  ...{ temperature: 0.8, prime: '', scores: [] },
});

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaRecorder', Recorder);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetAllMocks();
  recorders.length = 0;
});

test('a recording is of the run as it was when it began, and cuts no character in two', async () => {
  journal.value = { ...EMPTY, samples: [written(true, '😀'.repeat(400))] };
  const recording = saveRecording();
  clearRun();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await recording).toBe('Saved: lethe-run.mp4');
  expect(saved).toHaveBeenCalledOnce();
  const texts = drawn.mock.calls.map(([, { text }]) => text);
  expect(texts.at(-1)).toBe('😀'.repeat(360));
  expect(texts.every((text) => !/\p{Surrogate}/u.test(text))).toBe(true);
});

test('where drawing fails, nothing records on', async () => {
  journal.value = { ...EMPTY, samples: [written(true, 'abc')] };
  drawn.mockImplementation(() => {
    throw new Error('no room');
  });
  await expect(saveRecording()).rejects.toThrow('no room');
  expect(recorders[0].stop).toHaveBeenCalledOnce();
  expect(track.stop).toHaveBeenCalledOnce();
  expect(saved).not.toHaveBeenCalled();
});

test('without a text written along the way there is nothing to record', async () => {
  journal.value = { ...EMPTY, samples: [written(false, 'abc')] };
  await expect(saveRecording()).rejects.toThrow('it has written nothing along the way yet');
  expect(recorders).toEqual([]);
});
