/** What a visitor sees before scrolling: one press, and text that gets better. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { button, chooseTiny, numberIn, status, useStudio } from '../setup/studio';

const TEXT = 'the quick brown fox jumps over the lazy dog.\n'.repeat(40);

const open = useStudio();

const written = (page: Page) => page.locator('.paper .written');
const slider = (page: Page) => page.getByRole('slider', { name: 'Back to earlier steps' });

/** The step whose text is on the screen. */
const stepShown = async (page: Page) =>
  Number(await page.locator('.paper').getAttribute('data-step'));

/** The text on the screen, of which step it is, and whether it is still being written. */
const paper = (page: Page) =>
  page.locator('.paper').evaluate((host) => ({
    step: host.dataset['step'],
    text: host.querySelector('.written')!.textContent,
    going: host.querySelector('.caret') !== null,
  }));

/** Whether all of these are within the window, as it was opened. */
async function inSight(page: Page, selectors: readonly string[]): Promise<boolean[]> {
  const { height } = page.viewportSize()!;
  return Promise.all(
    selectors.map(async (selector) => {
      const box = await page.locator(selector).first().boundingBox();
      return box !== null && box.y >= 0 && box.y + box.height <= height;
    }),
  );
}

test('one press, and text writes itself; it changes as steps pass, and the slider goes back', async () => {
  // A step of which a sample is kept: it is written there however slow the machine is.
  const { page } = await open({ path: '?stopAfter=30' });
  await expect.poll(() => page.locator('.excerpt').textContent()).toMatch(/^The Ferry/);
  await expect.poll(() => status(page)).toBe('Ready');
  await button(page, 'Start').click();
  // How soon, `npm run bench:studio` tells.
  await expect.poll(() => written(page).textContent()).not.toBe('');

  // A character after the other: what is there is the beginning of what comes to be there, until another text begins.
  let before = await paper(page);
  for (let grew = false, goes = true; goes || !grew;) {
    const now = await paper(page);
    if (now.step === before.step) {
      expect(now.text.slice(0, before.text.length)).toBe(before.text);
      grew ||= now.text.length > before.text.length;
    }
    goes = now.step === before.step && now.going;
    before = now;
  }

  await expect.poll(() => stepShown(page)).toBeGreaterThan(0);
  await expect.poll(() => numberIn(page, 'loss')).toBeLessThan(4);
  await expect.poll(() => status(page)).toBe('Paused after 30 steps');
  // It ends with what it writes at this step.
  await expect.poll(() => stepShown(page)).toBe(30);
  await page.locator('.paper .caret').waitFor({ state: 'detached' });
  const now = (await written(page).textContent())!;

  await slider(page).focus();
  await page.keyboard.press('Home');
  expect(await slider(page).getAttribute('aria-valuetext')).toBe('at first');
  expect(await stepShown(page)).toBe(0);
  const first = (await written(page).textContent())!;
  expect(first).toHaveLength(320);
  expect(first).not.toBe(now);
  await page.keyboard.press('ArrowRight');
  expect(await slider(page).getAttribute('aria-valuetext')).toBe('step 10');
  expect(await stepShown(page)).toBe(10);
  await page.keyboard.press('End');
  expect(await stepShown(page)).toBe(30);
  expect(await written(page).textContent()).toBe(now);

  // What it thought of the first character, by keyboard.
  await page.locator('.paper pre').focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => page.locator('.paper .readout').textContent()).toMatch(/the likeliest/);
});

test('a text is written again as the model gets better, while it trains', async () => {
  const { page } = await open();
  await chooseTiny(page, TEXT, { cell: 'gru' });
  await button(page, 'Start').click();
  await expect.poll(() => stepShown(page)).toBeGreaterThanOrEqual(100);
  await expect.poll(() => written(page).textContent()).toMatch(/the|fox|dog/);
  expect(await status(page)).toBe('Training on the CPU');
});

test('settings are one line of words, which opens', async () => {
  const { page } = await open();
  const line = page.getByRole('button', {
    name: /^Settings: LSTM, \d+ units, 50 characters a step$/,
  });
  expect(await line.getAttribute('aria-expanded')).toBe('false');
  expect(await page.getByLabel('Hidden units').count()).toBe(0);
  await line.click();
  await page.getByLabel('Hidden units').fill('32');
  await page.getByLabel('Layers').fill('2');
  await page.getByLabel('Cell').selectOption('gru');
  const words = () => page.locator('.settings-fold').textContent();
  await expect.poll(words).toBe('Settings: GRU, 2 layers of 32 units, 50 characters a step');
  await page.getByLabel('Layers').fill('0');
  await expect.poll(words).toBe('Settings: a setting is out of range');
});

for (const [name, width, height] of [
  ['a desk', 1440, 900],
  ['a phone', 390, 844],
] as const) {
  test(`text, slider and loss are in sight on ${name}, and the next thing to look at is said`, async () => {
    const { page } = await open();
    await page.setViewportSize({ width, height });
    const guide = () => page.locator('.guide').textContent();
    await expect.poll(guide).toMatch(/^Press Start/);
    const before = ['.chip', '.settings-fold', '.controls .primary', '.guide', '.excerpt'];
    expect(await inSight(page, before)).toEqual(before.map(() => true));
    await button(page, 'Start').click();
    await expect.poll(guide).toMatch(/^It began with random characters/);
    await expect.poll(() => stepShown(page)).toBeGreaterThan(0);
    await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(10);
    const during = ['.guide', '.live [data-figure="loss"]', '.paper pre', '.timeline'];
    expect(await inSight(page, during)).toEqual(during.map(() => true));
    // Nothing is wider than the window.
    const overflow = () =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
    expect(await overflow()).toBe(0);
    // The views are in one row.
    const tops = await page
      .locator('nav.views a')
      .evaluateAll((all) => all.map((link) => link.getBoundingClientRect().top));
    expect(new Set(tops).size).toBe(1);
    await button(page, 'Pause').click();
    await expect.poll(guide).toMatch(/^Training rests/);
    await page.locator('.guide a[href="#cells"]').click();
    await expect.poll(() => page.url()).toContain('#cells');
  });
}
