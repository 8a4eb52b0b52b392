/** The view "A map of models" of the studio, in a real browser. */
import { expect, test } from 'vitest';

import {
  button,
  chooseTiny,
  figure,
  numberIn,
  openSettings,
  status,
  useStudio,
} from '../setup/studio';

const TEXT = 'She said "yes, of course" and left (at once).\nHe said "no".\n'.repeat(30);

const open = useStudio();

test('a run through its evaluations, n-grams, and a run before it on the same text', async () => {
  const { page } = await open();
  await chooseTiny(page, TEXT, { cell: 'gru' });
  await button(page, 'Start').click();
  await expect.poll(() => figure(page, 'step').count()).toBe(1);
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(300);
  await button(page, 'Pause').click();
  await expect.poll(() => status(page)).toMatch(/^Paused/);
  await page.getByRole('link', { name: 'A map of models', exact: true }).click();
  await expect.poll(() => page.locator('.map-chart .ngram').count()).toBe(10);
  // Evaluated after every hundred steps.
  const points = await page.locator('.map-chart circle').count();
  expect(points).toBeGreaterThanOrEqual(3);
  const state = (await figure(page, 'map-state').textContent())!;
  expect(state).toMatch(new RegExp(`^${points + 10} models of 1 run and the n-grams`));
  // The text repeats itself: a unigram is far from what was learned.
  const told = await page.locator('[data-run] li').allTextContents();
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/^Step 100: loss \d\.\d+, most like the \d+-gram/);
  const losses = told.map((line) => Number(line.match(/loss (\d\.\d+)/)![1]));
  expect(losses[1]).toBeLessThan(losses[0]);
  // No two at one place.
  const places = await page
    .locator('.map-chart circle')
    .evaluateAll((all) => all.map((c) => `${c.getAttribute('cx')} ${c.getAttribute('cy')}`));
  expect(new Set(places).size).toBeGreaterThan(1);

  // Another run, of one step: the first one is there still.
  await button(page, 'Reset').click();
  await expect.poll(() => page.locator('main').textContent()).toContain('There is no model yet.');
  await page.getByRole('link', { name: 'Train', exact: true }).click();
  await openSettings(page);
  await page.getByLabel('Cell').selectOption('rnn');
  await button(page, 'Step').click();
  await page.getByRole('link', { name: 'A map of models', exact: true }).click();
  await expect.poll(() => page.locator('[data-run]').count()).toBe(2);
  await expect
    .poll(() => figure(page, 'map-state').textContent())
    .toMatch(new RegExp(`^${points + 11} models of 2 runs`));
  await expect
    .poll(() => page.locator('[data-run] h3').allTextContents())
    .toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^GRU 1x16/),
        expect.stringMatching(/^RNN.*this run/),
      ]),
    );
});
