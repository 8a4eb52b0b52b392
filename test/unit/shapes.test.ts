/** The page of shapes, without its page: the models that come along, the address, data of one's own. */
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import { readPlace, writePlace } from '../../demos/shapes/address';
import { captions } from '../../demos/shapes/lessons/captions';
import { dates } from '../../demos/shapes/lessons/dates';
import { fewTold, isFew, ofFew } from '../../demos/shapes/few';
import { names } from '../../demos/shapes/lessons/names';
import { ownLabelled, ownPairs, ownSeries } from '../../demos/shapes/lessons/own_file';
import type { OwnFile } from '../../demos/shapes/lessons/own_file';
import { frames } from '../../demos/shapes/lessons/frames';
import { phones } from '../../demos/shapes/lessons/phones';
import { sentiment } from '../../demos/shapes/lessons/sentiment';
import { sums } from '../../demos/shapes/lessons/sums';
import { sunspots } from '../../demos/shapes/lessons/sunspots';
import { tags } from '../../demos/shapes/lessons/tags';
import { truecasing } from '../../demos/shapes/lessons/truecasing';
import { watch } from '../../demos/shapes/lessons/watched';
import { CHOICES, FIRST } from '../../demos/shapes/switches';
import type { Lesson } from '../../demos/learn/lesson';
import { Latest } from '../../demos/shared/latest';
import { names as onRealNames } from '../../demos/tasks/names/index';
import { ExampleRun } from '../../demos/tasks/example';
import { draw, parse } from '../../demos/tasks/captions/shapes';
import { GRU, LSTM, normal, RNN } from '../../src/nn/index';
import type { Encoder } from '../../src/nn/index';
import { amax, backward, openDevice, Random, tensor } from '../../src/node';
import type { Tensor } from '../../src/node';
import { givenModel } from '../setup/given_model';

const choice = <K extends keyof typeof CHOICES>(name: K) =>
  fc.constantFrom(...(Object.keys(CHOICES[name]) as (keyof (typeof CHOICES)[K])[]));

test('an address tells what it was made from', () => {
  const places = fc.record({
    topic: fc.option(fc.constantFrom('names', 'dates')),
    switches: fc.record({
      cell: choice('cell'),
      directions: choice('directions'),
      attention: choice('attention'),
    }),
    input: fc.option(fc.string()),
    lesson: fc.boolean(),
  });
  fc.assert(
    fc.property(places, (place) => {
      expect(readPlace(`?${writePlace(place as never)}`)).toEqual(place);
    }),
  );
  expect(readPlace('?cell=none&attention=maybe').switches).toEqual(FIRST);
});

test('a file that is read late is not wanted once another, or another task, is', () => {
  const latest = new Latest();
  const first = latest.next();
  expect(latest.is(first)).toBe(true);
  const second = latest.next();
  expect([latest.is(first), latest.is(second)]).toEqual([false, true]);
  latest.next();
  expect(latest.is(second)).toBe(false);
});

describe('data of one’s own', () => {
  const csv = (rows: readonly string[], header = 'text,label') => ({
    name: 'mine.csv',
    text: [header, ...rows].join('\n'),
  });
  const rows = Array.from({ length: 40 }, (_, i) => `word${i % 7},${i % 2 ? 'odd' : 'even'}`);
  const letters = (text: string): string[] => [...text];

  test('texts and labels of a CSV, a TSV and JSON lines are the same', () => {
    const read = ownLabelled(csv(rows), letters);
    expect(read.classes).toEqual(['even', 'odd']);
    expect(read.train.length + read.valid.length + read.test.length).toBe(40);
    const tabs = { name: 'mine.tsv', text: csv(rows).text.replaceAll(',', '\t') };
    expect(ownLabelled(tabs, letters)).toEqual(read);
    const lines = rows.map((row) => {
      const [text, label] = row.split(',');
      return JSON.stringify({ label, text });
    });
    expect(ownLabelled({ name: 'mine.jsonl', text: lines.join('\n') }, letters)).toEqual(read);
  });

  test.each(['kind,text', 'text,kind', 'label,words', 'words,label', 'a,b'])(
    'of the columns %s one is the text and the other the label',
    (header) => {
      const turned = /^kind|^label/.test(header);
      const given = turned ? rows.map((row) => row.split(',').reverse().join(',')) : rows;
      expect(ownLabelled(csv(given, header), letters).classes).toEqual(['even', 'odd']);
    },
  );

  test.each([
    ['ragged rows', csv([...rows, 'a,b,c']), 'Line 42 has 3 fields'],
    ['an empty field', csv([...rows, ',odd']), 'Line 42 has nothing in “text”'],
    ['one label', csv(rows.map((row) => row.replace('odd', 'even'))), 'nothing to tell apart'],
    ['no header', csv(rows, 'a review,odd'), 'with the label “odd”: put a line before it'],
    ['too few rows', csv(rows.slice(0, 5)), '5 rows: 30 are needed'],
    ['one column', csv(['a'], 'text'), 'one column'],
    ['no JSON', { name: 'x', text: '{"text":"a","label":"b"}\n{"text":' }, 'Line 2 is no JSON'],
  ])('%s: a sentence', (_, file, message) => {
    expect(() => ownLabelled(file, letters)).toThrow(message);
  });

  test('pairs, and a series with what each value is called', () => {
    const { pairs } = ownPairs(csv(rows, 'target,source'), letters);
    expect(pairs[0]).toEqual({ source: [...'even'], target: [...'word0'] });
    const series = ownSeries(csv(['2001,3', '2002,4.5'], 'year,sales'));
    expect(series).toEqual({ unit: 'sales', labels: ['2001', '2002'], values: [3, 4.5] });
    const read = { labels: ['2001', '2002'], values: [3, 4.5] };
    expect(ownSeries({ name: 'x', text: '2001,3\n2002,4.5\n' })).toMatchObject(read);
    expect(ownSeries({ name: 'x', text: 'year;sales\n2001;3\n2002;4.5' })).toMatchObject(read);
    expect(() => ownSeries(csv(['a,3', 'b,x'], 'year,sales'))).toThrow('Line 3 has “x” in “sales”');
  });

  test('a series to forecast may be the text of a file', async () => {
    const { ask } = await givenModel('sunspots', sunspots);
    const counts = Array.from({ length: 30 }, (_, i) => 50 + (i % 11));
    const file = ['year,count', ...counts.map((count, i) => `${1990 + i},${count}`)].join('\n');
    const read = await ask(file);
    expect(read.known).toEqual(counts);
    expect(read.ends).toEqual(['1990', '2030']);
    expect(read.forecasts).toEqual((await ask(counts.join(' '))).forecasts);
    for (const between of [',', ';', ' ', '\t', ', ']) {
      const bare = counts.map((count, i) => `${1990 + i}${between}${count}`).join('\n');
      expect(await ask(bare)).toEqual(read);
    }
    // Lines of different lengths are numbers one after the other.
    const wrapped = `${counts.slice(0, 20).join(' ')}\n${counts.slice(20).join(' ')}`;
    expect((await ask(wrapped)).known).toEqual(counts);
    expect((await ask(wrapped)).ends).toEqual(['value 1', 'value 41']);
    expect((await ask([...counts, ...counts].join(' '))).ends).toEqual(['value 21', 'value 71']);
    await expect(ask(`${counts.join(' ')} -2`)).rejects.toThrow('Value 31 is -2');
    await expect(ask('a,b\nc,d')).rejects.toThrow('a column of numbers is needed');
    await expect(ask('1 2 x')).rejects.toThrow('Number 3 is “x”');
    await expect(ask('1 2 3')).rejects.toThrow('the window sees 12');
  });

  const settings = (own: OwnFile) => ({ switches: FIRST, own });

  test('what they hold is told before they are learnt', async () => {
    const many = Array.from({ length: 40 }, (_, i) => `a${i},${i % 4 ? 'odd' : 'even'}`);
    expect(names.found!(settings(csv(many)))).toMatchObject({
      told:
        '“label” by “text”: 2 labels, odd (30), even (10). ' +
        '32 rows to learn from, 4 to choose by, 4 to test on.',
      question: expect.stringMatching(/this text: even, odd\? .* mine\.csv\.$/) as string,
      tested: 4,
    });
    // Seven texts again and again.
    expect(names.found!(settings(csv(rows)))!.told).toContain(
      'Of the last, 4 stand among those to learn from as well.',
    );
    const pairs = dates.found!(settings(csv(many, 'source,target')))!;
    expect(pairs.told).toMatch(/^“target” by “source”\. 32 rows to learn from, 4 to choose by, 4/);
    const data = await dates.example(settings(csv(many, 'source,target'))).load();
    const { test } = data as { test: { source: string[] }[] };
    expect(pairs.inputs).toEqual(test.slice(0, 3).map(({ source }) => source.join('')));
  });

  test('a series is told, and one that is too short is refused', () => {
    const values = Array.from({ length: 100 }, (_, i) => `${1900 + i},${i % 11}`);
    expect(sunspots.found!(settings(csv(values, 'year,count')))!.told).toMatch(
      /^100 values of count: to learn 1900 to \d+, to watch \d+ to \d+, to test \d+ to 1999\.$/,
    );
    expect(() => sunspots.found!(settings(csv(values.slice(50), 'year,count')))).toThrow(
      'The series has 50 values: 90 are needed',
    );
  });

  test.each([
    ['few rows are gone through more often', 40, 4, 600],
    ['many as often as those that come along', 4000, 4, 16],
    ['few long ones not for minutes', 40, 500, 25],
    ['nor fewer times than those that come along', 40, 5000, 16],
  ])('%s', (_, count, length, epochs) => {
    const texts = Array.from({ length: count }, (_, i) => `${'ab'[i % 2].repeat(length)},${i % 2}`);
    expect(names.example(settings(csv(texts))).training.epochs).toBe(epochs);
  });

  test('of however many names, the page shows the network alone, and its accuracy', async () => {
    const texts = Array.from({ length: 7000 }, (_, i) => `name${i},${i % 2}`);
    const example = names.example(settings(csv(texts)));
    const data = (await example.load()) as object;
    // The example by itself counts how so many are spelt.
    const whole = { ...data, languages: ['0', '1'], ceiling: 1 } as never;
    expect(onRealNames.meta(whole)).toHaveProperty('spelling.most');
    expect(example.meta(data)).toHaveProperty('spelling', undefined);
    expect(example.training.monitor).toBe('accuracy');
  });

  test('figures on few texts are counted, and on many are not', () => {
    expect([isFew(6), isFew(50), isFew(undefined)]).toEqual([true, false, false]);
    expect(ofFew(5 / 6, 6)).toBe('5 of 6');
    expect(fewTold(4)).toContain('each of the 4 texts is 25 %');
    expect(fewTold(1)).toBe('One text to test on tells next to nothing.');
  });

  test('a classifier learns them, and names their labels', async () => {
    const lines = Array.from({ length: 200 }, (_, i) => (i % 2 ? 'abab,second' : 'cdcd,first'));
    const example = names.example({ switches: { ...FIRST, cell: 'rnn' }, own: csv(lines) });
    const device = await openDevice('cpu');
    const run = new ExampleRun(example, device, await example.load(), {
      source: null,
      seed: 1,
      epochs: 4,
    });
    for await (const _ of run.fit()) continue;
    expect((await run.test()).accuracy).toBe(1);
    const { model, about } = run;
    const reply = await names.answer(model.eval() as never, about.meta as never, 'abab');
    expect(reply.classes).toEqual(['first', 'second']);
    expect(reply.probabilities.at(-1)![1]).toBeGreaterThan(0.9);
    run.dispose();
    device.dispose();
  });
});

const scene = 'a small red circle left of a big blue circle';
const pixels = Array.from(draw(parse(scene), new Random(3)).pixels);

test.each<[string, Lesson<never, never, unknown, never, never>, unknown, object]>([
  ['dates', dates, '12/25/1999', { tokens: [...'1999-12-25'], finished: true }],
  ['dates', dates, '2020-02-13', { tokens: [...'2020-02-13'], finished: true }],
  ['phones', phones, 'chats', { finished: true }],
  ['names', names, 'Bellini', { tokens: [...'Bellini'], known: [...'Bellini'].map(() => true) }],
  ['names', names, 'Bell✓', { known: [true, true, true, true, false] }],
  ['sentiment', sentiment, 'not bad', { classes: ['not pleased', 'pleased'] }],
  ['sentiment', sentiment, 'not blorpy', { known: [true, false] }],
  ['tags', tags, 'They can see the can.', { words: { 1: { tag: 'md' }, 4: { tag: 'nn' } } }],
  ['tags', tags, 'They blorped.', { words: { 0: { known: true }, 1: { known: false } } }],
  ['sums', sums, '27 + 45', { tokens: ['7', '2'], finished: true }],
  [
    'truecasing',
    truecasing,
    'it was late, said Edda.',
    { characters: [...'it was late, said edda.'] },
  ],
  ['truecasing', truecasing, 'a✓', { known: [true, false] }],
  ['frames', frames, '7', { frames: { 0: { label: 'absent', truth: 'absent' } } }],
  ['captions', captions, pixels, { choices: { 0: { caption: scene } } }],
  ['sunspots', sunspots, '', { ends: ['1969', '2019'] }],
])('the model of %s that comes along answers', async (name, lesson, input, wanted) => {
  const { ask } = await givenModel(name, lesson);
  expect(await ask(input)).toMatchObject(wanted);
});

describe('the gradient of an output', () => {
  test.each(
    [RNN, LSTM, GRU].flatMap((Layer) => [false, true].map((both) => [Layer, both] as const)),
  )(
    'a watched layer gives what the layer gives, and the same gradient by its input: %o, both directions %s',
    async (Layer, bidirectional) => {
      const device = await openDevice('cpu');
      onTestFinished(() => device.dispose());
      const random = new Random(3);
      const rnn: Encoder['rnn'] = new Layer(device, 3, 4, { bidirectional, random });
      const values = normal([5, 1, 3], 1, random);
      const input = () => tensor(device, values, [5, 1, 3]);
      const x = input();
      x.requiresGrad = true;
      const wanted = rnn.run(x);
      const layer = watch(rnn, input());
      const read = (tensors: readonly Tensor[]) =>
        Promise.all(tensors.map(async (one) => Array.from(await one.data())));
      const right = await read([wanted.output, ...wanted.state]);
      const found = await read([layer.output, ...layer.state]);
      backward(amax(wanted.output));
      backward(amax(layer.output));
      right.push(...(await read([x.grad!])));
      found.push(...(await read([layer.inputs.grad!])));
      const off = found.flat().map((value, i) => Math.abs(value - right.flat()[i]));
      expect(Math.max(...off)).toBeLessThan(1e-6);
      expect(Math.max(...right.at(-1)!)).toBeGreaterThan(1e-3);
    },
  );

  test('finds two ways back: from state to state, and by attention', async () => {
    const { model, meta, device } = await givenModel('sums', sums);
    const before = device.memory().liveBytes;
    const { ahead, back, up, into } = await sums.gradient!(
      model as never,
      meta as never,
      '27+45',
      0,
    );
    // Five characters are read, and 7, 2 and the end are written.
    for (const norms of [ahead, back, up, into]) expect(norms).toHaveLength(8);
    // The first output hangs on what is read, and on nothing that is written after it.
    expect(Math.min(...ahead.slice(0, 5), ...into.slice(0, 6))).toBeGreaterThan(0);
    expect([...ahead.slice(6), ...into.slice(6)]).toEqual([0, 0, 0, 0]);
    const { weights } = await sums.answer(model as never, meta as never, '27+45');
    const looked = weights![0].indexOf(Math.max(...weights![0]));
    expect(up.slice(0, 5).indexOf(Math.max(...up.slice(0, 5)))).toBe(looked);
    expect(model.parameters().every(({ grad }) => !grad)).toBe(true);
    expect(device.memory().liveBytes).toBe(before);
  });

  test('comes from both sides of a word, and from its output alone', async () => {
    const { model, meta } = await givenModel('tags', tags);
    const found = await tags.gradient!(model as never, meta as never, 'They can see.', 1);
    expect(found.up.map((norm) => norm > 0)).toEqual([false, true, false, false]);
    // Forward to the second word, backward from the words behind it.
    expect(found.ahead.map((norm) => norm > 0)).toEqual([true, false, false, false]);
    expect(found.back.map((norm) => norm > 0)).toEqual([false, false, true, true]);
    expect(found.into.every((norm) => norm > 0)).toBe(true);
  });

  test('of a caption goes back to the picture, past the words before', async () => {
    const { model, meta, device } = await givenModel('captions', captions);
    const before = device.memory().liveBytes;
    const found = await captions.gradient!(model as never, meta as never, pixels, 2);
    // Ten words and the end; the third hangs on the states before it.
    expect(found.ahead.map((norm) => norm > 0)).toEqual(
      Array.from({ length: 11 }, (_, i) => i < 2),
    );
    expect(found.up.map((norm) => norm > 0)).toEqual(Array.from({ length: 11 }, (_, i) => i === 2));
    expect(found.into.map((norm) => norm > 0)).toEqual(
      Array.from({ length: 11 }, (_, i) => i === 0),
    );
    expect(device.memory().liveBytes).toBe(before);
  });
});
