/** The programs that the page of shapes shows, as they stand there, beside what the page itself answers. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type * as lethe from 'lethe';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { withCall } from '../../demos/shapes/calls';
import { captions } from '../../demos/shapes/lessons/captions';
import type { CaptionReply } from '../../demos/shapes/lessons/captions';
import type { ClassReply } from '../../demos/shapes/lessons/classes';
import { dates } from '../../demos/shapes/lessons/dates';
import { digit } from '../../demos/shapes/lessons/digit';
import { frames } from '../../demos/shapes/lessons/frames';
import type { OwnFile } from '../../demos/shapes/lessons/own_file';
import { names } from '../../demos/shapes/lessons/names';
import { phones } from '../../demos/shapes/lessons/phones';
import { sentiment } from '../../demos/shapes/lessons/sentiment';
import { sums } from '../../demos/shapes/lessons/sums';
import { sunspots } from '../../demos/shapes/lessons/sunspots';
import type { SeriesReply } from '../../demos/shapes/lessons/sunspots';
import { tags } from '../../demos/shapes/lessons/tags';
import { truecasing } from '../../demos/shapes/lessons/truecasing';
import type { CaseReply } from '../../demos/shapes/lessons/truecasing';
import type { Switches } from '../../demos/shapes/switches';
import { dates as datesTopic } from '../../demos/shapes/topics/dates';
import { names as namesTopic } from '../../demos/shapes/topics/names';
import { phones as phonesTopic } from '../../demos/shapes/topics/phones';
import { sentiment as sentimentTopic } from '../../demos/shapes/topics/sentiment';
import { sums as sumsTopic } from '../../demos/shapes/topics/sums';
import { tags as tagsTopic } from '../../demos/shapes/topics/tags';
import { truecasing as casesTopic } from '../../demos/shapes/topics/truecasing';
import type { Lesson } from '../../demos/learn/lesson';
import type { Forecaster } from '../../demos/tasks/forecasting/model';
import { draw, parse } from '../../demos/tasks/captions/shapes';
import { ExampleRun, restoreExample } from '../../demos/tasks/example';
import { drawnDigits } from '../../demos/tasks/mlp/digits';
import { readCaptioner } from '../../docs/examples/read_captions';
import { readTruecaser } from '../../docs/examples/read_capitals';
import { readClassifier } from '../../docs/examples/read_class';
import { readDigits } from '../../docs/examples/read_digit';
import { readWatcher } from '../../docs/examples/read_frames';
import { readPairs } from '../../docs/examples/read_pairs';
import { readForecaster } from '../../docs/examples/read_series';
import { readTagger } from '../../docs/examples/read_tags';
import { openDevice, Random } from '../../src/node';
import { modelOnly } from '../../src/train/index';
import { givenBytes } from '../setup/given_model';

const device = await openDevice('cpu');
// The programs run on this device, so that what they leave on it can be counted.
vi.mock('lethe', async (original) => ({
  ...(await original<typeof lethe>()),
  openDevice: () => Promise.resolve(device),
}));

/** The answer of the page. */
async function answer<Input, Reply>(
  lesson: Lesson<never, Input, Reply, never, never>,
  bytes: Uint8Array,
  input: Input,
): Promise<Reply> {
  const { model, about } = restoreExample(lesson.example(undefined), device, bytes);
  return lesson.answer(model as never, about.meta as never, input);
}

const close = (values: readonly number[]) =>
  values.map((value): unknown => expect.closeTo(value, 4));

const isCapital = (character: string): boolean => character !== character.toLowerCase();

describe('on the model that comes along', () => {
  test.each([
    ['names', names, 'Bellini', [...'Bellini']],
    ['sentiment', sentiment, 'it was not bad', ['it', 'was', 'not', 'bad']],
  ] as const)('read_class.ts, %s', async (name, lesson, input, tokens) => {
    const bytes = await givenBytes(name);
    const found = await (await readClassifier(bytes))(tokens);
    const { classes, probabilities } = await answer(lesson, bytes, input);
    expect(Object.keys(found)).toEqual(classes);
    expect(Object.values(found)).toEqual(close(probabilities.at(-1)!));
  });

  test.each([
    ['dates', dates, '3rd of may 1987'],
    ['phones', phones, 'knighting'],
    ['sums', sums, '27+45'],
  ] as const)('read_pairs.ts, %s', async (name, lesson, input) => {
    const bytes = await givenBytes(name);
    const { tokens } = await answer(lesson, bytes, input);
    expect(await (await readPairs(bytes))([...input])).toEqual(tokens);
  });

  test('read_tags.ts', async () => {
    const bytes = await givenBytes('tags');
    const { words } = await answer(tags, bytes, 'They can see the old can.');
    const found = await (await readTagger(bytes))(words.map(({ word }) => word));
    expect(found).toEqual(words.map(({ tag }) => tag));
    expect(found.slice(0, 2)).toEqual(['ppss', 'md']);
  });

  test('read_capitals.ts', async () => {
    const bytes = await givenBytes('truecasing');
    const text = '"it is late," said edda.';
    const { probabilities } = await answer(truecasing, bytes, text);
    const found = await (await readTruecaser(bytes))(text);
    expect([...found].map(isCapital)).toEqual(probabilities.map((p) => p > 0.5));
    expect(found).toBe('"It is late," said Edda.');
  });

  test('read_frames.ts', async () => {
    const bytes = await givenBytes('frames');
    const shown = (await answer(frames, bytes, '7')).frames;
    const found = await (await readWatcher(bytes))(shown.map(({ pixels }) => pixels));
    expect(found).toEqual(shown.map(({ label }) => label));
  });

  test('read_digit.ts', async () => {
    const bytes = await givenBytes('digit');
    const [{ pixels, label }] = drawnDigits(1, 5);
    const found = await (await readDigits(bytes))(Array.from(pixels));
    expect(found).toEqual(close(await answer(digit, bytes, Array.from(pixels))));
    expect(found.indexOf(Math.max(...found))).toBe(label);
  });

  test('read_series.ts', async () => {
    const bytes = await givenBytes('sunspots');
    const known = Array.from({ length: 40 }, (_, i) => 60 + 50 * Math.sin(i / 2));
    const { forecasts } = await answer(sunspots, bytes, known.join(' '));
    const found = await (await readForecaster(bytes))(known);
    expect(found.window).toBeCloseTo(forecasts.window.values[0], 2);
    expect(found.recurrent).toBeCloseTo(forecasts.recurrent.values[0], 2);
  });

  test('read_captions.ts', async () => {
    const scene = 'a big white triangle above a small green square';
    const bytes = await givenBytes('captions');
    const pixels = Array.from(draw(parse(scene), new Random(3)).pixels);
    const { words } = await answer(captions, bytes, pixels);
    const found = await (await readCaptioner(bytes))(pixels);
    expect(found.split(' ')).toEqual(words.map(({ word }) => word));
    expect(found).toBe(scene);
  });
});

describe('with the lines that ask it, as the page shows it', () => {
  /** What the program prints, of the model of a file. */
  async function printed(
    program: string,
    task: string,
    bytes: Uint8Array,
    text?: string,
  ): Promise<unknown> {
    const read = await readFile(new URL(`../../docs/examples/${program}`, import.meta.url), 'utf8');
    const folder = await mkdtemp(join(tmpdir(), 'lethe-programs-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, `${task}.ts`);
    const whole = withCall(read, task, `${task}.safetensors`, text);
    const [head, ...rest] = whole.split(/^(?!import |\/[/*]|$)/m);
    expect(head.match(/^import /gm)!.length).toBeGreaterThan(2);
    expect(rest.join('')).not.toMatch(/^import /m);
    await writeFile(path, whole);
    const fetched = vi.fn(async () => new Response(new Uint8Array(bytes)));
    vi.stubGlobal('fetch', fetched);
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    onTestFinished(() => {
      vi.unstubAllGlobals();
      log.mockRestore();
    });
    await import(/* @vite-ignore */ path);
    expect(fetched).toHaveBeenCalledExactlyOnceWith(`${task}.safetensors`);
    expect(log).toHaveBeenCalledOnce();
    return log.mock.calls[0][0];
  }

  const last = (found: unknown): unknown => {
    const { classes, probabilities } = found as ClassReply;
    const values = close(probabilities.at(-1)!);
    return Object.fromEntries(classes.map((label, i) => [label, values[i]]));
  };
  const tokens = (found: unknown): unknown => (found as { tokens: string[] }).tokens;
  const red = Array.from({ length: 24 * 24 }, (_, i) =>
    [i % 24, Math.floor(i / 24)].every((at) => Math.abs(at - 12) < 5)
      ? [0.9, 0.15, 0.15]
      : [0.12, 0.12, 0.12],
  ).flat();
  const stroke = Array.from({ length: 64 }, (_, i) => ([3, 4].includes(i % 8) ? 1 : 0));
  const waves = Array.from({ length: 40 }, (_, i) => 60 + Math.round(50 * Math.sin(i / 2)));

  test.each<
    [
      string,
      string,
      Lesson<never, never, unknown, never, never>,
      unknown,
      (reply: unknown) => unknown,
    ]
  >([
    ['names', 'read_class.ts', names, namesTopic.inputs[0], last],
    ['sentiment', 'read_class.ts', sentiment, sentimentTopic.inputs[0], last],
    ['dates', 'read_pairs.ts', dates, datesTopic.inputs[0], tokens],
    ['phones', 'read_pairs.ts', phones, phonesTopic.inputs[0], tokens],
    ['sums', 'read_pairs.ts', sums, sumsTopic.inputs[0], tokens],
    [
      'tags',
      'read_tags.ts',
      tags,
      tagsTopic.inputs[0],
      (reply) => (reply as { words: { tag: string }[] }).words.map(({ tag }) => tag),
    ],
    ['digit', 'read_digit.ts', digit, stroke, (reply) => close(reply as number[])],
    [
      'captions',
      'read_captions.ts',
      captions,
      red,
      (reply) => (reply as CaptionReply).words.map(({ word }) => word).join(' '),
    ],
    [
      'sunspots',
      'read_series.ts',
      sunspots,
      waves.join(' '),
      (reply) => {
        const { window, recurrent } = (reply as SeriesReply).forecasts;
        const [w, r] = [window, recurrent].map(({ values }): unknown =>
          expect.closeTo(values[0], 2),
        );
        return { window: w, recurrent: r };
      },
    ],
    [
      'truecasing',
      'read_capitals.ts',
      truecasing,
      casesTopic.inputs[0],
      (reply) => {
        const { characters, probabilities } = reply as CaseReply;
        return characters
          .map((one, i) => (probabilities[i] > 0.5 ? one.toUpperCase() : one))
          .join('');
      },
    ],
  ])('%s, by %s', async (task, program, lesson, input, wanted) => {
    const bytes = await givenBytes(task);
    const text = typeof input === 'string' ? input : undefined;
    const found = await printed(program, task, bytes, text);
    expect(found).toEqual(wanted(await answer(lesson, bytes, input as never)));
  });

  test('frames, by read_frames.ts', async () => {
    const bytes = await givenBytes('frames');
    const clip = Array.from({ length: 16 }, (_, t) =>
      Array.from({ length: 256 }, (_, i) => (i === 8 * 16 + t ? 1 : 0)),
    );
    const found = await printed('read_frames.ts', 'frames', bytes);
    expect(found).toEqual(await (await readWatcher(bytes))(clip));
    expect(found).toHaveLength(16);
  });

  test('a text of one’s own, whatever is in it', async () => {
    const bytes = await givenBytes('names');
    const text = 'a "quoted" \\ `${name}`';
    const found = await printed('read_class.ts', 'names', bytes, text);
    expect(found).toEqual(last(await answer(names, bytes, text)));
  });
});

describe('on a network by other switches', () => {
  const others: Switches = { cell: 'lstm', directions: 'forward', attention: 'off' };

  /** The bytes of a network that has learnt nothing yet. */
  async function untrained(
    lesson: Lesson<never, never, unknown, never, never>,
    own: OwnFile | null = null,
  ) {
    const example = lesson.example({ switches: others, own } as never);
    const data = await example.load();
    const run = new ExampleRun(example, device, data, { source: null, seed: 1, epochs: 1 });
    const reply = (input: unknown): Promise<unknown> =>
      lesson.answer(run.model.eval() as never, run.about.meta as never, input as never);
    const bytes = async () => modelOnly(await run.save());
    return { model: run.model, bytes, reply };
  }

  test('read_class.ts', async () => {
    const { bytes, reply } = await untrained(names);
    const { probabilities } = (await reply('abc')) as { probabilities: number[][] };
    const found = await (await readClassifier(await bytes()))([...'abc']);
    expect(Object.values(found)).toEqual(close(probabilities.at(-1)!));
  });

  test('read_pairs.ts', async () => {
    const { bytes, reply } = await untrained(sums);
    const { tokens } = (await reply('1+2')) as { tokens: string[] };
    expect(await (await readPairs(await bytes()))([...'1+2'])).toEqual(tokens);
  });

  test('read_tags.ts', async () => {
    const { bytes, reply } = await untrained(tags);
    const found = (await reply('the old can')) as { words: { tag: string }[] };
    const read = await readTagger(await bytes());
    expect(await read(['the', 'old', 'can'])).toEqual(found.words.map(({ tag }) => tag));
  });

  test('read_series.ts, where a root is forecast below 0', async () => {
    const { model, bytes, reply } = await untrained(sunspots);
    const { window, decoder } = model as Forecaster;
    const known = Array.from({ length: 20 }, (_, i) => 19 - i);
    const lowest = window.parameters().at(-1)!;
    for (const bias of [lowest, decoder.bias!]) bias.write([-9]);
    const { forecasts } = (await reply(known.join(' '))) as SeriesReply;
    const read = await readForecaster(await bytes());
    expect(await read(known)).toEqual({ window: 0, recurrent: 0 });
    expect(forecasts.window.values[0] + forecasts.recurrent.values[0]).toBe(0);
    await expect(read([1, -2])).rejects.toThrow('-2 is below 0');
  });

  test('read_series.ts, of a series of one’s own', async () => {
    const known = Array.from({ length: 120 }, (_, i) => 3 * Math.sin(i / 2) - 1);
    const own = { name: 'mine.csv', text: ['value', ...known].join('\n') };
    const { bytes, reply } = await untrained(sunspots, own);
    const { forecasts } = (await reply('')) as SeriesReply;
    const found = await (await readForecaster(await bytes()))(known);
    expect(found.window).toBeCloseTo(forecasts.window.values[0], 4);
    expect(found.recurrent).toBeCloseTo(forecasts.recurrent.values[0], 4);
  });

  test('read_frames.ts', async () => {
    const { bytes, reply } = await untrained(frames);
    const shown = (await reply('7')) as { frames: { pixels: number[]; label: string }[] };
    const found = await (
      await readWatcher(await bytes())
    )(shown.frames.map(({ pixels }) => pixels));
    expect(found).toEqual(shown.frames.map(({ label }) => label));
  });

  test('read_capitals.ts', async () => {
    const { bytes, reply } = await untrained(truecasing);
    const { probabilities } = (await reply('so it is')) as { probabilities: number[] };
    const found = await (await readTruecaser(await bytes()))('so it is');
    expect([...found].map(isCapital)).toEqual(probabilities.map((p) => p > 0.5));
  });
});

test.each<
  [string, string, (bytes: Uint8Array) => Promise<(input: never) => Promise<unknown>>, unknown]
>([
  ['read_class.ts', 'sentiment', readClassifier, ['not', 'bad']],
  ['read_pairs.ts', 'sums', readPairs, [...'27+45']],
  ['read_tags.ts', 'tags', readTagger, ['the', 'can']],
  ['read_capitals.ts', 'truecasing', readTruecaser, 'so it is'],
  ['read_frames.ts', 'frames', readWatcher, [new Array<number>(256).fill(0.5)]],
  ['read_digit.ts', 'digit', readDigits, new Array<number>(64).fill(0.5)],
  ['read_series.ts', 'sunspots', readForecaster, new Array<number>(20).fill(9)],
  ['read_captions.ts', 'captions', readCaptioner, new Array<number>(24 * 24 * 3).fill(0.5)],
])('%s leaves nothing on the device', async (_, name, read, input) => {
  const ask = await read(await givenBytes(name));
  const before = device.memory().liveTensors;
  await ask(input as never);
  await ask(input as never);
  expect(device.memory().liveTensors).toBe(before);
  expect(before).toBeGreaterThan(0);
});
