/** Spoken digits: the spectrum, log-mel features, WAV files, voices by code. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { ExampleRun } from '../../demos/tasks/example';
import { spoken } from '../../demos/tasks/spoken/index';
import { readRecordings, readSound } from '../../demos/tasks/spoken/load';
import {
  BANDS,
  FEATURES,
  logMel,
  powerSpectrum,
  soundToFrames,
} from '../../demos/tasks/spoken/log_mel';
import { drawStrings, joined, synthesised } from '../../demos/tasks/spoken/strings';
import type { SpokenData } from '../../demos/tasks/spoken/strings';
import { templateReader } from '../../demos/tasks/spoken/templates';
import { readWav } from '../../demos/tasks/spoken/wav';
import { ArgumentError, DataError, openDevice, Random } from '../../src/index';

async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lethe-spoken-'));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const sine = (hertz: number, rate: number, seconds: number): Float32Array =>
  Float32Array.from({ length: seconds * rate }, (_, i) =>
    Math.sin((2 * Math.PI * hertz * i) / rate),
  );

/** A WAV file: the format, then the data. */
function wav(
  { coding = 1, channels = 1, rate = 8000, bits = 16 },
  data: ArrayBufferView,
  length = data.byteLength,
): Uint8Array {
  const bytes = new Uint8Array(44 + data.byteLength);
  const view = new DataView(bytes.buffer);
  const text = (at: number, tag: string) => bytes.set(new TextEncoder().encode(tag), at);
  text(0, 'RIFF');
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, coding, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint16(34, bits, true);
  text(36, 'data');
  view.setUint32(40, length, true);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 44);
  return bytes;
}

test.each([16, 256])('the spectrum of %i samples is the sum of its definition', (size) => {
  const random = new Random(1);
  const samples = Float64Array.from({ length: size - 3 }, () => random.normal());
  const frame = new Float64Array(size);
  frame.set(samples);
  const power = new Float64Array(size / 2 + 1);
  powerSpectrum(frame, power);
  for (let k = 0; k <= size / 2; k++) {
    let [re, im] = [0, 0];
    for (const [n, x] of samples.entries()) {
      re += x * Math.cos((2 * Math.PI * k * n) / size);
      im -= x * Math.sin((2 * Math.PI * k * n) / size);
    }
    expect(power[k]).toBeCloseTo(re * re + im * im, 10);
  }
});

describe('log-mel features', () => {
  const loudest = (hertz: number, rate: number): number => {
    const frame = logMel(sine(hertz, rate, 0.05), rate).subarray(0, BANDS);
    return frame.indexOf(Math.max(...frame));
  };

  test('find a tone in its band, at any rate', () => {
    expect(loudest(300, 8000)).toBeLessThan(loudest(1000, 8000));
    for (const hertz of [300, 1000, 2500]) {
      expect(new Set([8000, 16000, 44100, 48000].map((rate) => loudest(hertz, rate))).size).toBe(1);
    }
  });

  test('are of windows of 25 ms, every 10 ms, in ln of power', () => {
    const quiet = sine(1000, 8000, 0.1).map((x) => 0.1 * x);
    const loud = logMel(sine(1000, 8000, 0.1), 8000);
    expect(loud.length / BANDS).toBe(8);
    const band = loudest(1000, 8000);
    expect(loud[band] - logMel(quiet, 8000)[band]).toBeCloseTo(Math.log(100), 3);
    // The power of a sine is 1/2; triangles that overlap by half add up to 1.
    const power = loud.subarray(0, BANDS).reduce((sum, value) => sum + Math.exp(value), 0);
    expect(power).toBeCloseTo(0.5, 2);
  });

  test('refuse what has no frame', () => {
    expect(() => logMel(new Float32Array(199), 8000)).toThrow(
      new DataError('logMel: the sound takes 25 ms; 25 at least are needed'),
    );
    expect(() => logMel(new Float32Array(0), 8000)).toThrow(/takes 0 ms; 25 at least are needed/);
    expect(() => logMel(Float32Array.of(0, NaN), 8000)).toThrow(
      new DataError('logMel: sample 1 is NaN'),
    );
    expect(() => logMel(new Float32Array(900), 4000)).toThrow(
      new ArgumentError('logMel: sampleRate = 4000; 8000 Hz at least are needed'),
    );
  });

  test('of silence are zeros, and loudness makes no difference', () => {
    const silence = soundToFrames(new Float32Array(4000), 8000);
    expect(silence.length % FEATURES).toBe(0);
    expect(silence.every((value) => Math.abs(value) < 1e-6)).toBe(true);
    const { samples, sampleRate } = joined(synthesised(1, 1, 1).slice(0, 2), new Random(1), false);
    const frames = soundToFrames(samples, sampleRate);
    const quieter = soundToFrames(
      samples.map((x) => x / 4),
      sampleRate,
    );
    const differences = frames.map((value, i) => Math.abs(value - quieter[i]));
    expect(Math.max(...differences)).toBeLessThan(1e-3);
  });
});

describe('WAV files', () => {
  test('of integers and floats, the mean of their channels', () => {
    expect(readWav(wav({}, Int16Array.of(-32768, 16384)))).toEqual({
      samples: Float32Array.of(-1, 0.5),
      sampleRate: 8000,
    });
    expect(readWav(wav({ bits: 8 }, Uint8Array.of(0, 192))).samples).toEqual(
      Float32Array.of(-1, 0.5),
    );
    expect(readWav(wav({ bits: 24 }, Uint8Array.of(0, 0, 128, 0, 0, 64))).samples).toEqual(
      Float32Array.of(-1, 0.5),
    );
    expect(readWav(wav({ bits: 32 }, Int32Array.of(-(2 ** 31)))).samples).toEqual(
      Float32Array.of(-1),
    );
    const stereo = wav(
      { coding: 3, bits: 32, channels: 2, rate: 16000 },
      Float32Array.of(1, 0.5, -1, 1),
    );
    expect(readWav(stereo)).toEqual({ samples: Float32Array.of(0.75, 0), sampleRate: 16000 });
  });

  test('that are cut off, or were streamed, have the samples that are there', () => {
    expect(readWav(wav({}, Int16Array.of(16384), 0xffffffff)).samples).toEqual(
      Float32Array.of(0.5),
    );
  });

  test('of other kinds are refused', () => {
    expect(() => readWav(new TextEncoder().encode('ID3 and so on'))).toThrow(
      new DataError('this is no WAV file; save the sound as WAV, PCM of 16 bits'),
    );
    expect(() => readWav(wav({ coding: 7, bits: 8 }, Uint8Array.of(0)))).toThrow(
      'the WAV file has 1 channels of coding 7 with 8 bits; save it as PCM of 16 bits',
    );
    expect(() => readWav(wav({}, Uint8Array.of()).subarray(0, 36))).toThrow(
      /has no data; it is damaged/,
    );
    expect(() => readWav(new Uint8Array())).toThrow(/no WAV file/);
  });
});

describe('recordings', () => {
  const samples = Int16Array.from(sine(500, 8000, 0.3), (x) => 20000 * x);

  test('takes 0 to 4 are the test', async () => {
    await inFolder(async (folder) => {
      for (const take of [0, 4, 5, 6, 14]) {
        await writeFile(join(folder, `3_ann_${take}.wav`), wav({}, samples));
      }
      await writeFile(join(folder, 'notes.txt'), 'no sound');
      const { train, valid, test } = await readRecordings(folder);
      expect([train, valid, test].map((clips) => clips.length)).toEqual([2, 1, 2]);
      expect(train[0]).toMatchObject({ digit: 3, speaker: 'ann', sampleRate: 8000 });
    });
  });

  test('that are missing, damaged or of several rates are named', async () => {
    await inFolder(async (folder) => {
      await expect(readRecordings(folder)).rejects.toThrow(
        /has no recordings for the train part; files DIGIT_SPEAKER_TAKE.wav are needed/,
      );
      await writeFile(join(folder, '3_ann_6.wav'), 'RIFF');
      await expect(readRecordings(folder)).rejects.toThrow(/3_ann_6.wav: this is no WAV file/);
      await writeFile(join(folder, '3_ann_6.wav'), wav({}, samples));
      await writeFile(join(folder, '3_ann_7.wav'), wav({ rate: 16000 }, samples));
      await expect(readRecordings(folder)).rejects.toThrow(/sounds of 8000 and 16000 Hz; one rate/);
      await expect(readSound(join(folder, 'none.wav'))).rejects.toThrow(
        /none.wav cannot be read; give a WAV/,
      );
    });
  });
});

describe('voices by code', () => {
  const clips = synthesised(4, 2, 1);

  test('are the same by seed, and differ from each other', () => {
    expect(synthesised(4, 2, 1)).toEqual(clips);
    expect(clips).toHaveLength(80);
    expect(clips[0].samples).not.toEqual(clips[20].samples);
    expect(clips.every(({ samples }) => samples.every((x) => Math.abs(x) <= 0.801))).toBe(true);
  });

  test('the baseline cuts a string at its pauses, and hears nothing in silence', () => {
    const read = templateReader(clips);
    const random = new Random(3);
    const said = [clips[4], clips[8]];
    const [a, b] = said.map((clip) => joined([clip], random, false));
    const frames = soundToFrames(Float32Array.of(...a.samples, ...b.samples), a.sampleRate);
    expect(read({ frames, labels: [] })).toHaveLength(2);
    expect(read({ frames: new Float32Array(20 * FEATURES), labels: [] })).toEqual([]);
  });

  test('a recogniser learns five digits', async () => {
    const device = await openDevice('cpu');
    const few = (from: ReturnType<typeof synthesised>) =>
      from.filter(({ digit }) => [0, 1, 4, 6, 8].includes(digit));
    const [train, held] = [few(synthesised(30, 1, 1)), few(synthesised(6, 2, 2))];
    const test = drawStrings(held, 100, 2, false);
    const data: SpokenData = {
      ...{ train: drawStrings(train, 300, 1, true), valid: test, test, clips: train },
      ...{ features: FEATURES, alphabet: Array.from('0123456789') },
    };
    const run = new ExampleRun(spoken, device, data, { source: null, seed: 1, epochs: 8 });
    for await (const _ of run.fit()) continue;
    run.trainer.restoreBest();
    expect((await run.test()).labelError).toBeLessThan(0.15);
    const ask = (input: string) =>
      spoken.ask!(run.model.eval() as never, run.about.meta as never, input);
    expect(await ask('61')).toMatch(/^greedy +61\n/);
    await expect(ask('six')).rejects.toThrow(
      new ArgumentError('spoken: --ask six; give digits, or the path of a WAV file'),
    );
    device.dispose();
  });
});
