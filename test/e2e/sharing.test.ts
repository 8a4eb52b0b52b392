/** What can be given to others: links, lessons, pictures; and what awaits whoever comes: trained networks, a tour. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import {
  button,
  chooseTiny,
  numberIn,
  openMenu,
  openSettings,
  status,
  useStudio,
  watch,
} from '../setup/studio';

const TEXT = 'she said "no" to him (twice), and "yes" to her.\n'.repeat(40);

const open = useStudio();

const written = (page: Page) => page.locator('.paper .written');
const guide = (page: Page) => page.locator('.guide').textContent();
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });

/** Another page of the same address, with a query. */
async function follow(page: Page, href: string): Promise<Page> {
  const other = await page.context().newPage();
  watch(other);
  await other.goto(href);
  await expect.poll(() => status(other)).toMatch(/Ready|Paused/);
  return other;
}

const address = (page: Page) => new URL(page.url()).search;

test('a trained network writes and shows its units before anything is trained, and is trained on', async () => {
  const { page } = await open();
  const settings = await page.locator('.settings-fold').textContent();
  await button(page, 'Open the model of the loud story').click();
  await expect.poll(() => guide(page)).toMatch(/trained already/);
  await expect.poll(async () => (await written(page).textContent())!.length).toBeGreaterThan(100);
  expect(await page.locator('#live-title').textContent()).toBe('As it was opened');
  // In capitals what is said: no untrained network does that.
  expect(await written(page).textContent()).toMatch(/"[^"]*[A-Z]{2}/);
  await expect.poll(() => address(page)).toBe('?model=loud');
  expect(await status(page)).toMatch(/^Trained before/);
  expect(await page.locator('.choice-row').textContent()).toMatch(/Reset first/);

  await page.getByRole('link', { name: 'Inside the cells' }).first().click();
  await expect.poll(() => page.locator('main').textContent()).toMatch(/quotes/);
  await page.getByRole('link', { name: 'Train' }).click();
  await button(page, 'Resume').click();
  await expect.poll(() => page.locator('[data-figure="step"]').count()).toBe(1);
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(2);
  expect(await numberIn(page, 'loss')).toBeLessThan(2);
  await button(page, 'Pause').click();
  await expect.poll(() => status(page)).toMatch(/^Paused/);
  // Its settings are not those of what is trained next.
  await button(page, 'Reset').click();
  await expect.poll(() => page.locator('.settings-fold').textContent()).toBe(settings);
});

test('the address holds what was chosen, and a copied link opens it elsewhere', async () => {
  const { page, context } = await open();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('radio', { name: 'Names' }).check();
  await openSettings(page);
  await field(page, 'Cell').selectOption('gru');
  await field(page, 'Hidden units').fill('48');
  await expect.poll(() => address(page)).toBe('?text=names&cell=gru&hidden=48');
  await page.getByRole('link', { name: 'Graph' }).click();
  await expect.poll(() => page.url()).toMatch(/\?text=names&cell=gru&hidden=48#graph$/);
  await page.getByRole('link', { name: 'Train' }).click();

  await openMenu(page);
  await button(page, 'Copy link').click();
  await expect.poll(() => page.locator('.share .hint').textContent()).toMatch(/^Copied/);
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await follow(page, link);
  await expect.poll(() => other.getByRole('radio', { name: 'Names' }).isChecked()).toBe(true);
  expect(await other.locator('.settings-fold').textContent()).toMatch(/GRU, 48 units/);
  // Nothing starts before it is there.
  expect(await other.locator('#text-facts').textContent()).toMatch(/invented names/);

  // Of a text of one's own the link says that it is not there.
  await other.close();
  await page.getByRole('radio', { name: 'Your own' }).check();
  await openMenu(page);
  await button(page, 'Copy link').click();
  await expect.poll(() => page.locator('.share .hint').textContent()).toMatch(/not part of it/);
});

test('what a link asks for in vain is told, and the rest of it taken', async () => {
  const { page } = await open();
  const base = page.url();
  const other = await follow(page, `${base}?text=bible&hidden=-4&lr=fast&layers=2&colour=red`);
  const notice = other.getByRole('alert');
  for (const part of ['text bible', 'hidden = -4', 'lr', 'colour']) {
    expect(await notice.textContent()).toContain(part);
  }
  expect(await other.locator('.settings-fold').textContent()).toMatch(/2 layers of 256 units/);
  await button(other, 'Close').click();
  expect(await notice.count()).toBe(0);
});

test('a link goes before the run of the last visit, which waits in the table', async () => {
  const { page } = await open();
  await chooseTiny(page, TEXT, { cell: 'rnn' });
  await button(page, 'Start').click();
  await expect.poll(() => page.locator('[data-figure="step"]').count()).toBe(1);
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(5);
  await button(page, 'Pause').click();
  await expect.poll(() => status(page)).toMatch(/^Paused/);
  await openMenu(page);
  await expect.poll(() => page.locator('[data-kept="true"]').count()).toBe(1);

  // A reload is no link: the run is there again.
  await page.reload();
  await expect.poll(() => status(page)).toMatch(/^Paused/);
  await page.close();
  const other = await page.context().newPage();
  watch(other);
  await other.goto(`${new URL(page.url()).origin}/?hidden=32`);
  await expect.poll(() => status(other)).toBe('Ready');
  expect(await other.locator('.settings-fold').textContent()).toMatch(/LSTM, 32 units/);
  await expect.poll(() => other.locator('.runs tbody tr').count()).toBe(1);
});

test('a lesson shows the text, the curve and Start, and gives the rest back', async () => {
  const { page } = await open();
  const other = await follow(page, `${page.url()}?cell=gru&hidden=16&lesson=on`);
  expect(await other.locator('.lesson-line').textContent()).toMatch(/GRU, 16 units/);
  for (const name of ['Step', 'Open file…', 'New here? Take the tour']) {
    expect(await button(other, name).count(), name).toBe(0);
  }
  expect(await other.locator('.keep').count()).toBe(0);
  await button(other, 'Start').click();
  await expect.poll(async () => (await written(other).textContent())!.length).toBeGreaterThan(20);
  await button(other, 'Pause').click();
  await expect.poll(() => status(other)).toMatch(/^Paused/);
  await button(other, 'Show all controls').click();
  await expect.poll(() => button(other, 'Step').count()).toBe(1);
  await expect.poll(() => address(other)).toBe('?cell=gru&hidden=16');
});

test('the tour is offered once, goes from place to place by keyboard, and can be skipped', async () => {
  const { page } = await open();
  await button(page, 'New here? Take the tour').click();
  const tour = page.getByRole('complementary', { name: 'Tour' });
  await expect.poll(() => tour.count()).toBe(1);
  const focused = () => page.evaluate(() => document.activeElement!.textContent);
  await expect.poll(focused).toBe('What to learn');
  await tour.getByRole('button', { name: 'Next' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(focused).toBe('Start');
  expect(await page.locator('.tour-place').getAttribute('class')).toMatch(/controls/);
  // It keeps nothing from being used.
  await button(page, 'Step').click();
  await expect.poll(() => status(page)).toMatch(/^Paused after 1/);
  await tour.getByRole('button', { name: 'Next' }).focus();
  await page.keyboard.press('Escape');
  await expect.poll(() => tour.count()).toBe(0);

  await page.reload();
  await expect.poll(() => status(page)).toMatch(/^Paused/);
  expect(await button(page, 'New here? Take the tour').count()).toBe(0);
  await openMenu(page);
  await button(page, 'Take the tour').click();
  await expect.poll(() => tour.count()).toBe(1);
});

test('a picture and a recording of a run are saved', async () => {
  const { page } = await open();
  await chooseTiny(page, TEXT, { cell: 'rnn' });
  await button(page, 'Start').click();
  await expect.poll(() => page.locator('[data-figure="step"]').count()).toBe(1);
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(20);
  await button(page, 'Pause').click();
  await expect.poll(() => status(page)).toMatch(/^Paused/);
  await openMenu(page);
  for (const [name, file, least] of [
    ['Save picture', /^lethe-step-\d+\.png$/, 20_000],
    ['Save recording', /^lethe-run\.(mp4|webm)$/, 20_000],
  ] as const) {
    const download = page.waitForEvent('download');
    await button(page, name).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toMatch(file);
    const chunks: Buffer[] = [];
    for await (const chunk of await saved.createReadStream()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).length).toBeGreaterThan(least);
    await expect.poll(() => page.locator('.share .hint').textContent()).toMatch(/^Saved/);
  }
});
