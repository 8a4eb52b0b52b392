/** The view "Inside the cells" of the studio, in a real browser. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { EMPTY } from '../../demos/train/journal';
import { encodeRunFile } from '../../demos/train/run_file';
import { openDevice } from '../../src/index';
import { CharTrainer, markText, saveCheckpoint } from '../../src/train/index';
import { plantQuotes, QUOTES } from '../setup/planted';
import { button, chooseTiny, figure, status, useStudio } from '../setup/studio';

const TEXT = 'She said "yes, of course" and left (at once).\nHe said "no".\n'.repeat(30);

const open = useStudio({ sources: true });

/** The page with a tiny model chosen. */
async function openPage(cell: string): Promise<Page> {
  const { page } = await open();
  await chooseTiny(page, TEXT, { cell, fields: { Layers: 2, Embedding: 8 } });
  await page.getByRole('link', { name: 'Inside the cells', exact: true }).click();
  return page;
}

async function told(page: Page, name: string): Promise<string> {
  return (await figure(page, name).textContent())!;
}

/** The step of the model that is shown. */
async function lookedAt(page: Page): Promise<number> {
  return Number((await told(page, 'looked-at')).match(/step ([\d,]+)/)?.[1].replaceAll(',', ''));
}

/** Background colours of the characters. */
function colours(page: Page): Promise<string[]> {
  return page
    .locator('.coloured span')
    .evaluateAll((spans) => spans.map((span) => getComputedStyle(span).backgroundColor));
}

test('looks into an LSTM: follow, units, finder, gates', async () => {
  const page = await openPage('lstm');
  await expect.poll(() => page.locator('main').textContent()).toContain('There is no model yet.');
  await button(page, 'Start training').click();
  await expect.poll(() => lookedAt(page)).toBeGreaterThanOrEqual(50);
  await button(page, 'Pause').click();
  await expect.poll(() => status(page)).toMatch(/^Paused/);
  await button(page, 'Refresh').click();
  const paused = await status(page);
  await expect
    .poll(async () => `Paused after ${(await lookedAt(page)).toLocaleString('en')} steps`)
    .toBe(paused);

  expect(await page.locator('.coloured').textContent()).toBe(TEXT);
  await page.getByLabel('Unit', { exact: true }).fill('0');
  await page.getByLabel('Layer', { exact: true }).selectOption('1');
  await expect.poll(() => told(page, 'unit')).toBe('Layer 1, unit 0');
  await page.locator('.coloured span').first().hover();
  const first = await colours(page);
  expect(new Set(first).size).toBeGreaterThan(10);
  const readout = await told(page, 'readout');
  expect(readout).toMatch(/^‘S’: tanh\(c\) = −?\d\.\d\d$/);

  // Every unit has a thumbnail with some colours; by keyboard to the next one.
  const drawn = await page.locator('.wall canvas').evaluateAll((all: HTMLCanvasElement[]) =>
    all.map((canvas) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    }),
  );
  expect(drawn).toHaveLength(16);
  expect(Math.min(...drawn)).toBeGreaterThan(3);
  const units = page.locator('.wall input');
  await units.first().check({ force: true });
  await page.keyboard.press('ArrowRight');
  const second = await units.nth(1).getAttribute('aria-label');
  await expect.poll(() => told(page, 'unit')).toBe(`Layer 1, ${second!.toLowerCase()}`);
  await expect.poll(() => colours(page)).not.toEqual(first);

  // The value by keyboard, and under the pointer.
  await page.getByRole('slider').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => told(page, 'readout')).toMatch(/^‘h’: /);
  await page.locator('.coloured span').nth(9).hover();
  await expect.poll(() => told(page, 'readout')).toMatch(/^‘"’: /);

  const found = page.locator('.matches li');
  const correlations = async () =>
    (await found.locator('.correlation').allTextContents()).map((text) =>
      Math.abs(Number(text.replace('−', '-'))),
    );
  await page.getByLabel('That follows').selectOption('quotes');
  const byQuotes = await correlations();
  expect(byQuotes).toHaveLength(10);
  expect(byQuotes[0]).toBeGreaterThan(0.2);
  expect(byQuotes).toEqual(byQuotes.toSorted((a, b) => b - a));
  const best = await found.first().locator('span').first().textContent();
  await found.first().getByRole('button').click();
  await expect.poll(() => told(page, 'unit')).toBe(best);
  expect(await told(page, 'correlation')).toContain(
    (await found.first().locator('.correlation').textContent())!,
  );
  await page.getByLabel('That follows').selectOption('linePosition');
  await expect.poll(correlations).not.toEqual(byQuotes);
  // The text has no braces.
  expect(await page.locator('.finder option').allTextContents()).not.toContain('Inside braces');

  expect(await page.locator('.scatter').count()).toBe(3);
  expect(await page.locator('.scatter circle:not(.chosen)').count()).toBe(3 * 16);
  const shares = await told(page, 'saturation');
  expect(shares).toMatch(/Input gate: shut (< )?[\d.]+ %, open (< )?[\d.]+ %/);
  await page.getByLabel('Unit', { exact: true }).fill('3');
  await expect.poll(() => told(page, 'saturation')).toMatch(/^Unit 3/);

  await page.getByLabel('Show').selectOption('f');
  await expect.poll(() => told(page, 'readout')).toMatch(/: f = \d\.\d\d$/);
  await page.getByLabel('Layer', { exact: true }).selectOption('2');
  await expect.poll(() => told(page, 'unit')).toBe('Layer 2, unit 3');
});

test('reads a text of one’s own, and says what it cannot read', async () => {
  const page = await openPage('rnn');
  await button(page, 'Step').click();
  await expect.poll(() => page.locator('.coloured').textContent()).toBe(TEXT);
  await expect.poll(() => page.locator('main').textContent()).toContain('has no gates');
  await page.locator('.choose summary').click();
  await page.getByLabel('Text to read').selectOption('own');
  await page.getByLabel('Your text').fill('He said "Ω"');
  const problem = page.locator('.choose .wrong');
  await expect.poll(() => problem.textContent()).toMatch(/U\+03A9 'Ω' at position 9/);
  expect(await page.locator('.coloured').textContent()).toBe(TEXT);
  await page.getByLabel('Your text').fill('He said "no" at once');
  await expect.poll(() => page.locator('.coloured').textContent()).toBe('He said "no" at once');
  expect(await problem.textContent()).toBe('');

  await page.getByLabel('Text to read').selectOption('training');
  await page.getByLabel('Characters to skip').fill('4');
  await page.getByLabel('Characters to read').fill('10');
  await expect.poll(() => page.locator('.coloured').textContent()).toBe(TEXT.slice(4, 14));
  await page.getByLabel('Characters to read').fill('100000');
  await expect
    .poll(() => page.locator('.choose .wrong').first().textContent())
    .toBe('A whole number from 1 to 5,000 is needed.');
  expect(await button(page, 'Refresh').isDisabled()).toBe(true);

  await button(page, 'Reset').click();
  await expect.poll(() => page.locator('main').textContent()).toContain('There is no model yet.');
});

/** The page with a run of a model of which one unit was made to follow quotes. */
async function openPlanted(): Promise<Page> {
  const device = await openDevice('cpu');
  const trainer = new CharTrainer(device, TEXT, { ...QUOTES, batch: 2, seq: 8 });
  await plantQuotes(trainer.model, trainer.vocabulary);
  const source = { name: 'quotes', text: TEXT };
  const mark = markText(TEXT, source.name);
  const run = encodeRunFile({
    source,
    settings: { train: trainer.config, device: 'cpu', temperature: 1 },
    journal: EMPTY,
    mark,
    step: 0,
    checkpoint: await saveCheckpoint(trainer, mark),
  });
  device.dispose();

  const { page } = await open();
  await expect.poll(() => status(page)).toBe('Ready');
  await page.locator('input[aria-label="Run file"]').setInputFiles({
    name: 'planted.safetensors',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(run),
  });
  await expect.poll(() => status(page)).toMatch(/^Paused/);
  await page.getByRole('link', { name: 'Inside the cells', exact: true }).click();
  await expect.poll(() => page.locator('.coloured').textContent()).toBe(TEXT);
  return page;
}

test('opens on the unit that was made to follow quotes, and says so', async () => {
  const page = await openPlanted();
  const claim = 'Layer 2, unit 2 is on inside quotes, correlation +1.00.';
  expect(await told(page, 'claim')).toBe(claim);
  expect(await told(page, 'unit')).toBe('Layer 2, unit 2');
  expect(await page.getByLabel('That follows').inputValue()).toBe('quotes');
  const [best, next] = await page.locator('.matches li').allTextContents();
  expect(best).toMatch(/^Layer 2, unit 2.*1\.00$/);
  expect(next).not.toMatch(/1\.00$/);
  // The first of the wall, and named.
  expect(await page.locator('.tile').first().textContent()).toBe('2 quotes');
  expect(await page.locator('.wall :checked').getAttribute('aria-label')).toBe('Unit 2');

  // Another unit claims nothing of the kind; back with one click.
  await page.getByLabel('Unit', { exact: true }).fill('0');
  await expect.poll(() => told(page, 'claim')).not.toBe(claim);
  expect(await page.locator('.wall :checked').getAttribute('aria-label')).toBe('Unit 0');
  await button(page, 'Show me the best').click();
  await expect.poll(() => told(page, 'claim')).toBe(claim);
});

test('what the model expected, and which characters mattered to it', async () => {
  const page = await openPlanted();
  // Five guesses below each of 48 characters.
  await expect.poll(() => page.locator('.lens .guess').count()).toBe(5 * 48);
  const before = await colours(page);
  await page.locator('.coloured span').nth(20).click();
  await expect
    .poll(() => told(page, 'mattered'))
    .toMatch(/^The model gave ‘u’ at character 21 a probability of \d/);
  expect(await told(page, 'mattered')).toMatch(/Most: .*, 1 character before/);
  // What comes after it did not matter; what stands before it did.
  const clear = 'rgba(0, 0, 0, 0)';
  const after = await colours(page);
  expect(after.slice(21).every((colour) => colour === clear)).toBe(true);
  expect(after.slice(10, 20).some((colour) => colour !== clear)).toBe(true);
  await button(page, 'Back to the unit').click();
  await expect.poll(() => colours(page)).toEqual(before);
  // By keyboard alone.
  await page.getByRole('slider').focus();
  await page.keyboard.press('Home');
  await expect.poll(() => button(page, 'What mattered to it?').isDisabled()).toBe(true);
  await page.keyboard.press('ArrowRight');
  await button(page, 'What mattered to it?').press('Enter');
  await expect.poll(() => told(page, 'mattered')).toMatch(/^The model gave ‘h’ at character 2 /);
});

test('says so where a text has nothing that a unit could be told by', async () => {
  const { page } = await open();
  await chooseTiny(page, 'aeaeaeae'.repeat(200), { cell: 'lstm' });
  await page.getByRole('link', { name: 'Inside the cells', exact: true }).click();
  await button(page, 'Step').click();
  await expect.poll(() => page.locator('[data-figure="claim"]').count()).toBe(1);
  expect(await told(page, 'claim')).toBe('This text has nothing that a unit could be told by.');
  expect(await page.locator('.finder').textContent()).toContain('nothing that a unit');
  expect(await page.locator('.tile').count()).toBe(16);
});

test('the finder draws a memory that nothing holds to 1', async () => {
  const page = await openPage('indrnn');
  await button(page, 'Step').click();
  await expect.poll(() => page.locator('.coloured').textContent()).toBe(TEXT);
  // As text, for an import in a function would be the test's.
  await page.evaluate(`import('/train/cells/store.ts').then((store) => {
    const look = store.looked.value.peek();
    const grown = ({ states: { h }, ...layer }) => {
      const most = h.reduce((most, x) => Math.max(most, x), 0);
      return { ...layer, states: { h: h.map((x) => (12 * x) / most) } };
    };
    store.looked.value.value = { ...look, layers: look.layers.map(grown) };
  })`);
  await expect
    .poll(() => page.locator('.trace.unit .extent').allTextContents())
    .toEqual(['−12 to 12', '−12 to 12']);
});

test('a view that is left as an answer comes leaves the next one able to ask', async () => {
  const page = await openPage('lstm');
  await button(page, 'Start training').click();
  await expect.poll(() => page.locator('.wall canvas').count()).toBe(16);
  await button(page, 'Pause').click();
  await expect.poll(() => status(page)).toMatch(/^Paused/);
  // In one task: the view is left, and before the next frame another look is there. As text, for an
  // import in a function would be the test's.
  await page.evaluate(`(async () => {
    const [views, store] = await Promise.all([
      import('/train/views.tsx'),
      import('/train/cells/store.ts'),
    ]);
    views.shown.value = views.VIEWS[0];
    await Promise.resolve();
    const look = store.looked.value.peek();
    if (document.querySelector('.wall')) throw new Error('the view is there still');
    store.looked.value.value = { ...look, layers: look.layers.map((layer) => ({ ...layer })) };
  })()`);
  await page.getByRole('link', { name: 'Train', exact: true }).click();
  await page.getByRole('link', { name: 'Inside the cells', exact: true }).click();
  await button(page, 'Refresh').click();
  await expect.poll(() => button(page, 'Refresh').isEnabled()).toBe(true);
  expect(await page.locator('.wall canvas').count()).toBe(16);
});
