/** The tasks on characters: additions, and capitals for a text in lower case. */
import { describe, expect, test } from 'vitest';

import { ExampleRun } from '../../demos/tasks/example';
import { additions, withoutCarry } from '../../demos/tasks/sums/additions';
import { sums } from '../../demos/tasks/sums/index';
import { sumTokens } from '../../demos/tasks/sums/tokens';
import { isCapital, lowered, raised } from '../../demos/tasks/truecasing/capitals';
import { truecasing } from '../../demos/tasks/truecasing/index';
import { dividedPassages, passagesOf } from '../../demos/tasks/truecasing/passages';
import { usualForm } from '../../demos/tasks/truecasing/usual_form';
import { openDevice } from '../../src/node';

describe('sums', () => {
  const { train, valid, test: held } = additions();

  test('all additions of two numbers below 100, each once, and both orders in one part', () => {
    const written = [train, valid, held].map((part) =>
      part.map(({ source, target }) => `${source.join('')}=${target.join('')}`),
    );
    expect(new Set(written.flat()).size).toBe(10_000);
    expect(written.flat()).toHaveLength(10_000);
    for (const [a, b, sum] of written.flat().map((line) => line.split(/[+=]/).map(Number))) {
      expect(a + b).toBe(sum);
    }
    for (const part of written) {
      const whole = new Set(part);
      for (const line of part) {
        const [a, b, sum] = line.split(/[+=]/);
        expect(whole.has(`${b}+${a}=${sum}`)).toBe(true);
      }
    }
  });

  test.each([
    ['27+45', '62'],
    ['58+67', '15'],
    ['90+9', '99'],
    ['50+50', '0'],
    ['0+0', '0'],
  ])('%s without carry is %s', (source, sum) => {
    expect(withoutCarry({ source: [...source], target: [] })).toBe(sum);
  });

  test('an addition may have spaces, and what comes out behind it', () => {
    expect(sumTokens(' 27 + 45 = 72')).toEqual([...'27+45']);
  });

  test('what is no addition is refused, and data too', async () => {
    await expect(sums.ask!(null as never, null as never, '27')).rejects.toThrow('27+45');
    await expect(sums.load('file')).rejects.toThrow('leave it out');
  });
});

describe('truecasing', () => {
  test('passages are whole sentences; what is shouted is left out', () => {
    const text = 'One went.  "Two?"\nsaid she. (Three.)\n\nFour.\n\nDO NOT.';
    expect(passagesOf(text)).toEqual(['One went. "Two?" said she. (Three.)', 'Four.', 'DO NOT.']);
    const long = Array.from({ length: 60 }, (_, i) => `Sentence number ${i} is here.`).join(' ');
    expect(passagesOf(long).join(' ')).toBe(long);
    const { train, valid, test } = dividedPassages(`${text}\n\n${long}`);
    expect([...train, ...valid, ...test]).not.toContain('DO NOT.');
  });

  test('lower case keeps the number of characters, and capitals come back', () => {
    const text = 'İ said: Édouard, ß!';
    expect(lowered(text)).toHaveLength([...text].length);
    const small = lowered('Édouard said: No.');
    expect(raised(small, Array.from('Édouard said: No.', isCapital))).toBe('Édouard said: No.');
  });

  test('the baseline has the usual form of a word, and a capital where a sentence begins', () => {
    const formOf = usualForm(['Then Ann met Ann.', 'The ann of it; McKay saw Ann.']);
    const cased = (text: string): string => raised(lowered(text), formOf(lowered(text)));
    expect(cased('"ann met mckay." then (he) went! who? ann')).toBe(
      '"Ann met McKay." Then (he) went! Who? Ann',
    );
    const untold = usualForm(['Then Ann met Ann.', 'The ann of it; McKay saw Ann.'], false);
    const text = lowered('then he met ann. then');
    expect(raised(text, untold(text))).toBe('Then he met Ann. Then');
  });

  test('learns capitals', async () => {
    const passages = Array.from({ length: 120 }, (_, i) => `The ${i % 2 ? 'cat' : 'dog'} met Ann.`);
    const data = { train: passages, valid: passages.slice(0, 10), test: passages.slice(0, 10) };
    const device = await openDevice('cpu');
    const run = new ExampleRun(truecasing, device, data, { source: null, seed: 1, epochs: 12 });
    for await (const _ of run.fit()) continue;
    expect((await run.test()).f1).toBe(1);
    const { model, about } = run;
    const answer = await truecasing.ask!(
      model.eval() as never,
      about.meta as never,
      'THE dog met ann.',
    );
    expect(answer).toBe('The dog met Ann.');
    run.dispose();
    device.dispose();
  });
});
