/** What the studio shows of gradients: through time, and in the graph. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { button, chooseTiny, ownText, useStudio } from '../setup/studio';

const TEXT = 'the quick brown fox jumps over the lazy dog.\n'.repeat(40);

const open = useStudio();

/** The page with a small model and a short text. */
async function openPage(cell: string): Promise<Page> {
  const { page } = await open();
  await chooseTiny(page, TEXT, { cell, fields: { 'Learning rate': 0.002 } });
  return page;
}

const view = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();
const problem = (page: Page) => page.getByRole('alert').textContent();

/** Waits until what is shown was measured with the settings as they are. */
const measured = (page: Page) => page.locator('.flow-table [aria-busy="false"]').waitFor();

/** A number in the table of curves. */
async function figure(page: Page, curve: string, value: string): Promise<number> {
  const cell = page.locator(`[data-curve="${curve}"] [data-value="${value}"]`);
  return parseFloat((await cell.textContent())!);
}

test('gradients through time: three cells, their settings, clipping, and the run', async () => {
  const page = await openPage('gru');
  await view(page, 'Gradients through time');
  await page.getByLabel('Characters').fill('40');
  await page.getByLabel('Forget-gate bias').selectOption('3');
  await measured(page);
  await expect
    .poll(async () => (await figure(page, 'lstm', 'last')) / (await figure(page, 'rnn', 'last')))
    .toBeGreaterThan(1e4);
  for (const curve of ['rnn', 'lstm', 'gru']) {
    for (const value of ['first', 'last', 'before', 'after']) {
      expect(await figure(page, curve, value)).toBeGreaterThan(0);
    }
  }
  expect(await page.locator('.flow-chart .u-series').count()).toBe(1 + 4);
  expect(await page.locator('[data-curve="run"]').count()).toBe(0);

  const plain = await figure(page, 'rnn', 'last');
  await page.getByRole('slider', { name: 'Gain' }).fill('2');
  await expect.poll(() => figure(page, 'rnn', 'last')).toBeGreaterThan(1e3 * plain);

  // Clipped at a norm that every gradient is longer than.
  await page.getByLabel('Clip at').fill('0.01');
  await expect.poll(() => figure(page, 'rnn', 'after')).toBeCloseTo(0.01, 4);
  expect(await figure(page, 'rnn', 'before')).toBeGreaterThan(0.1);

  await button(page, 'Step').click();
  await expect.poll(() => page.locator('[data-curve="run"] th').textContent()).toMatch(/GRU.*1$/);
  expect(await figure(page, 'run', 'last')).toBeGreaterThan(0);
  await button(page, 'Reset').click();
  await expect.poll(() => page.locator('[data-curve="run"]').count()).toBe(0);

  await page.getByLabel('Characters').fill('500');
  await expect
    .poll(() => page.locator('.flow-settings .wrong').textContent())
    .toMatch(/500: a whole number from 2 to 200/);
  await view(page, 'Train');
  await ownText(page, 'too short');
  await view(page, 'Gradients through time');
  await page.getByLabel('Characters').fill('40');
  await expect.poll(() => problem(page)).toMatch(/^text shorter than one window/);
});

test('the graph of a step: boxes, statistics, keyboard, fused, and the run', async () => {
  const page = await openPage('lstm');
  await view(page, 'Graph');
  const boxes = (name: string) => page.locator(`.graph-box[data-operation="${name}"]`);
  // Three gates at each of three steps.
  await expect.poll(() => boxes('sigmoid').count()).toBe(9);
  expect(await page.locator('.graph-route.shared').count()).toBeGreaterThan(0);

  const facts = page.locator('.graph-facts');
  const statistic = async (name: string) => {
    const cells = await facts.locator(`[data-statistic="${name}"] td`).allTextContents();
    return cells.map(Number);
  };
  await page
    .getByRole('button', { name: /^rnn\.weight_hh_l0 \[32, 8\], 3 uses, parameter/ })
    .click();
  await expect.poll(() => facts.textContent()).toMatch(/3 operations read it/);
  const [value, gradient] = await statistic('norm');
  // Uniform within 1 / sqrt(8): a norm of 16 / sqrt(24) or so.
  expect(value).toBeCloseTo(16 / Math.sqrt(24), 0);
  expect(gradient).toBeGreaterThan(0);
  expect((await statistic('max'))[0]).toBeLessThan(1 / Math.sqrt(8));
  // To each of the three products.
  expect(await page.locator('.graph-route.lit').count()).toBe(1);

  // The last h.
  await boxes('mul').last().focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => facts.textContent()).toMatch(/time step 3/);
  expect(await facts.locator('caption').allTextContents()).toEqual(['Output: [2, 8]']);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => facts.locator('h3').textContent()).toBe('linearCrossEntropy');
  const [loss, one] = await statistic('mean');
  expect(loss).toBeCloseTo(Math.log(29), 0);
  expect(one).toBe(1);

  await page.getByLabel('Graph', { exact: true }).selectOption('fused');
  await expect.poll(() => boxes('scan').count()).toBe(1);
  expect(await boxes('sigmoid').count()).toBe(0);

  await page.getByLabel('Model', { exact: true }).selectOption('run');
  await expect.poll(() => page.getByText('There is no model of yours yet').count()).toBe(1);
  await button(page, 'Step').click();
  await expect
    .poll(() => page.locator('.graph-summary').textContent())
    .toMatch(/^Your LSTM: 1 layer of 16 units\. As of step 1\./);
  await page.getByLabel('Graph', { exact: true }).selectOption('unrolled');
  await expect.poll(() => boxes('sigmoid').count()).toBe(9);
});
