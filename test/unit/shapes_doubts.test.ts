/** What the page of shapes refuses, and what it tells of an answer that is not to be relied on. */
import { expect, test } from 'vitest';

import { captions } from '../../demos/shapes/lessons/captions';
import { dates } from '../../demos/shapes/lessons/dates';
import { digit } from '../../demos/shapes/lessons/digit';
import { frames } from '../../demos/shapes/lessons/frames';
import { names } from '../../demos/shapes/lessons/names';
import { sentiment } from '../../demos/shapes/lessons/sentiment';
import { sums } from '../../demos/shapes/lessons/sums';
import { sunspots } from '../../demos/shapes/lessons/sunspots';
import { tags } from '../../demos/shapes/lessons/tags';
import { truecasing } from '../../demos/shapes/lessons/truecasing';
import { FIRST } from '../../demos/shapes/switches';
import { captions as captionsTopic } from '../../demos/shapes/topics/captions';
import { dates as datesTopic } from '../../demos/shapes/topics/dates';
import { names as namesTopic } from '../../demos/shapes/topics/names';
import { sentiment as sentimentTopic } from '../../demos/shapes/topics/sentiment';
import { sums as sumsTopic } from '../../demos/shapes/topics/sums';
import { sunspots as sunspotsTopic } from '../../demos/shapes/topics/sunspots';
import { tags as tagsTopic } from '../../demos/shapes/topics/tags';
import { truecasing as casesTopic } from '../../demos/shapes/topics/truecasing';
import type { Topic } from '../../demos/shapes/topic';
import type { Lesson } from '../../demos/learn/lesson';
import { draw, parse } from '../../demos/tasks/captions/shapes';
import { DAYS, datePair, FORMATS } from '../../demos/tasks/dates/generate';
import { noSuchDay } from '../../demos/tasks/dates/forms';
import { drawnDigits } from '../../demos/tasks/mlp/digits';
import { Random } from '../../src/node';
import { givenModel } from '../setup/given_model';

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

test.each<[string, Lesson<never, never, unknown, never, never>, unknown, string]>([
  ['frames', frames, '-999', '“-999” is no whole number from 0'],
  ['frames', frames, '1.5', '“1.5” is no whole number from 0'],
  ['frames', frames, '', 'There is no whole number from 0'],
  ['captions', captions, new Array(24 * 24 * 3).fill(0.12), 'Nothing is drawn'],
  ['digit', digit, new Array(64).fill(0), 'Nothing is drawn'],
  ['digit', digit, [1, ...new Array<number>(63).fill(0)], 'Hardly anything is drawn'],
])('%s refuses it in a sentence', async (name, lesson, input, message) => {
  const { ask } = await givenModel(name, lesson);
  await expect(ask(input)).rejects.toThrow(message);
});

test('all that was learnt from is more than hardly anything', async () => {
  const { ask } = await givenModel('digit', digit);
  const pictures = drawnDigits(500, 3).map(({ pixels }) => Array.from(pixels));
  const faint = pictures.sort((a, b) => sumOf(a) - sumOf(b)).slice(0, 3);
  for (const one of faint) expect(await ask(one)).toHaveLength(10);
  const ground = draw(parse('a small white circle above a small white circle'), new Random(5));
  const { ask: describe } = await givenModel('captions', captions);
  expect(await describe(Array.from(ground.pixels))).toMatchObject({ finished: true });
});

test('a date knows the ways of writing that it learnt', () => {
  for (const format of FORMATS.keys()) {
    for (const day of [0, 58, 20_000, DAYS - 1]) {
      const text = datePair(day, format).source.join('');
      expect([text, datesTopic.unlike!(text)]).toEqual([text, null]);
    }
  }
  expect(datesTopic.unlike!('hello')).toContain('no digit');
  expect(datesTopic.unlike!('2020/02/13')).toContain('none of them');
  expect(datesTopic.unlike!('3rd of Mai 1987')).toContain('none of them');
  expect(datesTopic.unlike!('Sunday, 29 February 2004')).toBeNull();
  expect(datesTopic.unlike!('3rd of May 1887')).toContain('1887 is none');
  expect(datesTopic.unlike!('18871231')).toContain('1887 is none');
});

test.each([
  ...['25/12/1999', '13/1/99', '45.99.2020', '20201301', '2020-13-02', '2020-02-32'],
  ...['3th of May 1987', 'May, 7 November 2014', '1/2/1999', 'Sunday May 3 2020'],
  ...['3 May YYYY', 'weekday, 3 May 2020'],
])('%s is no day of any year, or written in a way that was not learnt', (text) => {
  expect(datesTopic.unlike!(text)).toContain('none of them');
});

test('a day is told that its month does not have in its year', () => {
  const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  for (const year of [1900, 1950, 1999, 2000, 2004, 2023, 2049, 2100]) {
    const lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (const [i, days] of lengths.entries()) {
      for (const day of Array.from({ length: 31 }, (_, at) => at + 1)) {
        const parts = { year, month: i + 1, day, weekday: 2 };
        // Years of two digits are of those that were learnt.
        const forms = year >= 1950 && year <= 2049 ? FORMATS : [FORMATS[2]];
        for (const format of forms) {
          const text = format(parts);
          const none = day > days ? { year, days } : undefined;
          expect([text, noSuchDay(text)]).toEqual([text, none]);
        }
      }
    }
  }
  expect(noSuchDay('29 february 0000')).toBeUndefined();
  expect(noSuchDay('29 february 0004')).toBeUndefined();
  expect(noSuchDay('29 february 0100')).toEqual({ year: 100, days: 28 });
});

test.each([
  ['29 February 2023', '28 days in 2023'],
  ['31 February 2023', '28 days in 2023'],
  ['2/30/24', '29 days in 2024'],
  ["feb 29 '49", '28 days in 2049'],
  ['31.04.2020', '30 days in 2020'],
  ['29 February 1900', '28 days in 1900'],
])('%s is no day, whatever its form', (text, days) => {
  expect(datesTopic.unlike!(text)).toContain(`no such day: that month has ${days}`);
});

test.each(['07+5', '123+4', '1+', '12', '1+2+3'])('%s is no sum that was learnt', (text) => {
  expect(sumsTopic.unlike!(text)).toContain('from 0 to 99');
  expect(sumsTopic.unlike!(' 7 + 50 =')).toBeNull();
});

test('what was written is as sure as its least sure output', async () => {
  const { ask } = await givenModel('sums', sums);
  const sure = await ask('27+45');
  expect(sure.sure).toHaveLength(3);
  expect(Math.min(...sure.sure)).toBeGreaterThan(0.9);
  expect(sumsTopic.doubts!(sure, false)).toEqual([]);
  const guess = { ...sure, sure: [0.9, 0.41, 0.95] };
  expect(sumsTopic.doubts!(guess, false)).toEqual([
    'Not sure: the digit “2”, the least sure of all that it wrote, has a probability of 41 %.',
  ]);
  // What one's own data have may be anything.
  expect(sumsTopic.doubts!(guess, true)[0]).toContain('the output “2”');
  expect(sumsTopic.doubts!({ ...sure, sure: [0.9, 0.9, 0.5] }, false)[0]).toContain('the end');
  const nothing = { ...sure, tokens: [], sure: [0.9] };
  expect(sumsTopic.said(nothing)).toBe('(nothing: it ended at once)');
});

test('a class, a tag and a caption of a low probability are told', async () => {
  const { ask } = await givenModel('names', names);
  const reply = await ask('Bellini');
  expect(namesTopic.doubts!(reply, false)).toEqual([]);
  const low = {
    ...reply,
    classes: ['Czech', 'Irish'],
    probabilities: [
      [0.9, 0.1],
      [0.45, 0.55],
    ],
  };
  expect(namesTopic.doubts!(low, false)).toEqual([
    'Not sure: Irish, the likeliest, has a probability of 55 %.',
  ]);
  const { ask: tag } = await givenModel('tags', tags);
  const [unsure] = tagsTopic.doubts!(await tag('The old man the boats.'), false);
  expect(unsure).toMatch(/^Not sure: man\/\w+ \(\d+ %\), boats\/\w+ \(\d+ %\)\.$/);

  const { ask: describe } = await givenModel('captions', captions);
  const doubts = async (pixels: readonly number[]) =>
    captionsTopic.doubts!(await describe(pixels), false);
  for (const scene of captionsTopic.inputs) expect(await doubts(scene)).toEqual([]);
  const one = Array.from({ length: 24 * 24 }, (_, i) => {
    const inside = Math.hypot((i % 24) - 11.5, Math.floor(i / 24) - 11.5) < 3.8;
    return inside ? [0.9, 0.15, 0.15] : [0.12, 0.12, 0.12];
  }).flat();
  expect(await doubts(one)).toEqual([
    expect.stringMatching(/^Not sure: the likeliest caption has a probability of \d+ %\.$/),
  ]);
});

test('what is unknown is told, each once', async () => {
  const { ask } = await givenModel('sentiment', sentiment);
  const reply = await ask('The blorp was a blorp and not zug.');
  expect(sentimentTopic.doubts!(reply, false).at(-1)).toMatch(
    /^Never seen in training: blorp, zug\. /,
  );
  const { columns } = sentimentTopic.picture('', reply, FIRST);
  expect(columns.filter(({ unknown }) => unknown).map(({ input }) => input)).toEqual([
    'blorp',
    'blorp',
    'zug',
  ]);
});

type Asked = Pick<Topic<string, never>, 'name' | 'inputs' | 'unlike' | 'doubts'>;

test.each<[Asked, Lesson<never, string, unknown, never, never>]>([
  [namesTopic, names],
  [sentimentTopic, sentiment],
  [tagsTopic, tags],
  [casesTopic, truecasing],
  [datesTopic, dates],
])('what the page proposes is known, $name', async (topic, lesson) => {
  const { ask } = await givenModel(topic.name, lesson);
  for (const input of topic.inputs) {
    const told = topic.doubts!((await ask(input)) as never, false);
    expect([input, told.filter((one) => !one.startsWith('Not sure'))]).toEqual([input, []]);
    expect(topic.unlike?.(input) ?? null).toBeNull();
  }
});

test('a series far outside of what was learnt is told', async () => {
  const { ask } = await givenModel('sunspots', sunspots);
  const values = Array.from({ length: 20 }, (_, i) => 50 + i);
  expect(sunspotsTopic.doubts!(await ask(values.join(' ')), false)).toEqual([]);
  const high = await ask([...values, 5000, 60].join(' '));
  const [told] = sunspotsTopic.doubts!(high, false);
  // The 190 of 1957 was tested on, and not learnt.
  expect(told).toMatch(/^Value 21 is 5000, and .* from 0 to 154: .*\. Train them on a series/);
  expect(sunspotsTopic.doubts!(high, true)[0]).toMatch(/so far outside\.$/);
});

test('the range that a series of one’s own was learnt in is that of its first part, however long it is', async () => {
  const values = Array.from({ length: 200_000 }, (_, i) => (i < 150_000 ? i % 10 : 99));
  // Learnt are 85 % of what comes before the last fifth.
  values[135_999] = 42;
  values[136_000] = 77;
  const own = { name: 'mine.csv', text: `count\n${values.join('\n')}` };
  const example = sunspots.example({ switches: FIRST, own });
  expect(example.meta(await example.load())).toMatchObject({ order: 12, learnt: [0, 42] });
});

test('the shapes of the tensors are those of the network that is drawn', () => {
  const { state } = namesTopic.shapes(FIRST);
  expect(state).toBe('h_t: [batch, 64] in each direction');
  const forward = namesTopic.shapes({ ...FIRST, cell: 'lstm', directions: 'forward' });
  expect(forward.state).toBe('h_t and c_t: each [batch, 64]');
  expect(Object.values(forward).join(' ')).not.toContain('direction');
});
