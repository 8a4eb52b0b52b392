/** Which stretch of a text the studio's cells read at first. */
import { expect, test } from 'vitest';

import { richestStretch } from '../../demos/train/cells/stretch';

const PLAIN = 'a line of words and nothing else\n';
const SPEECH = '"Yes, of course," said she (twice).\n';

test('a short text is read from its beginning', async () => {
  expect(await richestStretch('', 100)).toBe(0);
  expect(await richestStretch('short', 100)).toBe(0);
  expect(await richestStretch(SPEECH.repeat(10), 360)).toBe(0);
});

test('the first stretch with the most to tell units by, from the beginning of a line', async () => {
  const text = PLAIN.repeat(200) + SPEECH.repeat(100) + PLAIN.repeat(100);
  const at = await richestStretch(text, 1000);
  expect(text[at - 1]).toBe('\n');
  const stretch = text.slice(at, at + 1000);
  expect(stretch.split('"').length).toBeGreaterThan(20);
  // The whole text is alike: its beginning.
  expect(await richestStretch(PLAIN.repeat(200), 1000)).toBe(0);
});

test('counts characters, of which an emoji is one, and needs no lines', async () => {
  const text = '😀'.repeat(1000) + '"ab cd," (ef) '.repeat(100);
  const at = await richestStretch(text, 500);
  expect(at).toBeGreaterThanOrEqual(500);
  expect(at).toBeLessThanOrEqual(1900);
});
