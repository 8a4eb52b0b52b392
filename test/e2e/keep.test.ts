import { readFile } from 'node:fs/promises';

import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';

import { decodeRunFile } from '../../demos/train/run_file';
import type { SavedRun } from '../../demos/train/run_file';
import { CHROMIUM_FLAGS } from '../../scripts/browser.mjs';
import {
  button,
  chooseTiny,
  figure,
  numberIn,
  openMenu,
  openSettings,
  status,
  textBox,
  useStudio,
  watch,
} from '../setup/studio';

/** Little to learn, so that the loss falls within seconds. */
const TEXT = 'the quick brown fox jumps over the lazy dog.\n'.repeat(40);

const open = useStudio();

const begin = (page: Page, device = 'cpu') =>
  chooseTiny(page, TEXT, { cell: 'lstm', device, fields: { Embedding: 128 } });

async function trainTo(page: Page, step: number): Promise<void> {
  await button(page, (await status(page))!.startsWith('Ready') ? 'Start' : 'Resume').click();
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(step);
  await pause(page);
}

async function pause(page: Page): Promise<void> {
  await button(page, 'Pause').click();
  await expect.poll(() => status(page)).toMatch(/^Paused after/);
}

/** As the page writes numbers. */
const told = (step: number) => step.toLocaleString('en');
const kept = (page: Page) => page.locator('[data-kept]');
const reopen = (page: Page) => page.locator('.runs').getByRole('button', { name: /^Open / });

/** Reloads a page whose run is at rest at that step, and waits until the run is back. */
async function reload(page: Page, step: number): Promise<void> {
  const here = `Kept in this browser at step ${told(step)}`;
  await expect.poll(() => kept(page).textContent()).toBe(here);
  await page.reload();
  await expect
    .poll(async () => `${await status(page)}. ${await kept(page).textContent()}`)
    .toBe(`Paused after ${told(step)} steps. ${here}`);
}

/** Resets a run, and waits until the browser, which hears of it behind the page, has no open one. */
async function reset(page: Page): Promise<void> {
  await button(page, 'Reset').click();
  await expect.poll(() => status(page)).toBe('Ready');
  const openRun = () =>
    page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const opening = indexedDB.open('lethe-studio');
          opening.onerror = reject;
          opening.onsuccess = () => {
            const asked = opening.result.transaction('state').objectStore('state').get('open');
            asked.onerror = reject;
            asked.onsuccess = () => {
              opening.result.close();
              resolve(asked.result ?? null);
            };
          };
        }),
    );
  await expect.poll(openRun).toBeNull();
}

/** The sample that is asked for, with the default seed. */
async function written(page: Page): Promise<string> {
  const asked = page.locator('.samples li');
  const before = await asked.count();
  await page.getByLabel('Length', { exact: true }).fill('60');
  await button(page, 'Write').click();
  await expect.poll(() => asked.count()).toBe(before + 1);
  await expect.poll(() => asked.first().getAttribute('data-done')).toBe('true');
  // Once it is kept.
  await button(page, 'Write').waitFor();
  return (await asked.first().locator('.written').textContent())!;
}

async function download(page: Page, name: string): Promise<Buffer> {
  await openMenu(page);
  const [file] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
  return readFile(await file.path());
}

async function importFile(page: Page, name: string, buffer: Buffer): Promise<void> {
  const mimeType = 'application/octet-stream';
  const input = page.locator('input[aria-label="Run file"]');
  // As who uses the page must.
  await expect.poll(() => input.isEnabled()).toBe(true);
  await input.setInputFiles({ name, mimeType, buffer });
}

test('a run outlives the tab, and goes on as if nothing had happened', async () => {
  const { page } = await open();
  await begin(page);
  await trainTo(page, 120);
  const step = await numberIn(page, 'step');
  const loss = await figure(page, 'loss').textContent();
  const text = await written(page);
  const copy = await download(page, 'Export run');
  const { journal } = decodeRunFile(new Uint8Array(copy), 'copy') as SavedRun;
  // Of the last step, where the machine writes one within half a second.
  const latest = journal.samples.find(({ automatic }) => automatic)!;
  await reload(page, step);
  expect(await figure(page, 'loss').textContent()).toBe(loss);
  expect(await (await textBox(page)).inputValue()).toBe(TEXT);
  await openSettings(page);
  expect(await page.getByLabel('Hidden units').inputValue()).toBe('16');
  await expect.poll(() => page.locator('.samples li').count()).toBe(1);
  expect(await page.locator('.paper').getAttribute('data-step')).toBe(String(latest.step));
  expect(await written(page)).toBe(text);

  // The same step, once by this run and once by a copy of it.
  const next = async () => {
    await button(page, 'Step').click();
    await expect.poll(() => numberIn(page, 'step')).toBe(step + 1);
    return figure(page, 'loss').textContent();
  };
  const uninterrupted = await next();
  await reload(page, step + 1);
  page.on('dialog', (dialog) => void dialog.accept());
  await importFile(page, 'copy.safetensors', copy);
  await expect.poll(() => status(page)).toBe(`Paused after ${told(step)} steps`);
  expect(await next()).toBe(uninterrupted);

  // Reset takes nothing away: the run is among the runs, and opens where it ended. The other is the one that the
  // copy took the place of.
  await reset(page);
  const openable = page.locator('.kept-actions [aria-label^="Open "]');
  await expect.poll(() => openable.count()).toBe(2);
  await page.reload();
  await expect.poll(() => status(page)).toBe('Ready');
  await page
    .getByLabel(/^Name of run/)
    .last()
    .fill('mine');
  await button(page, 'Open mine').click();
  await expect.poll(() => status(page)).toBe(`Paused after ${told(step + 1)} steps`);
  expect(await figure(page, 'loss').textContent()).toBe(uninterrupted);
  expect(await button(page, 'Open mine').count()).toBe(0);
  await reset(page);
  await expect.poll(() => button(page, 'Open mine').count()).toBe(1);
  await button(page, 'Remove mine').click();
  await expect.poll(() => button(page, 'Remove mine').count()).toBe(0);
  await page.reload();
  await expect.poll(() => status(page)).toBe('Ready');
  // The one that the copy took the place of is there still.
  await expect.poll(() => page.locator('.runs tbody tr').count()).toBe(1);
});

test('a run goes into a file and comes back in another browser', async () => {
  const first = await open();
  await begin(first.page);
  await trainTo(first.page, 60);
  const step = await numberIn(first.page, 'step');
  const text = await written(first.page);
  const run = await download(first.page, 'Export run');
  const model = await download(first.page, 'Export model');
  expect(model.length).toBeLessThan(run.length / 2);
  await first.context.close();

  // Nothing is lost by any of this, and nothing is asked: a dialog would end the test.
  const { page } = await open();
  await importFile(page, 'mine.safetensors', run);
  await expect.poll(() => status(page)).toBe(`Paused after ${told(step)} steps`);
  expect(await written(page)).toBe(text);

  const wrong = page.locator('.top .attempted');
  await importFile(page, 'cut.safetensors', run.subarray(0, run.length - 100));
  await expect.poll(() => wrong.textContent()).toContain('cut.safetensors');
  await importFile(page, 'model.safetensors', model);
  await expect.poll(() => page.locator('[data-asks]').textContent()).toContain('a model alone');
  const other = Buffer.from(
    run.toString('latin1').replace('{\\"version\\":1', '{\\"version\\":7'),
    'latin1',
  );
  expect(other.equals(run)).toBe(false);
  await importFile(page, 'other.safetensors', other);
  await expect.poll(() => wrong.textContent()).toContain('version 7');
  expect(await status(page)).toBe(`Paused after ${told(step)} steps`);
  await trainTo(page, step);
});

test('a second tab keeps nothing, and says so', async () => {
  const { context, page } = await open();
  await begin(page);
  await trainTo(page, 5);
  const second = await context.newPage();
  watch(second);
  await second.goto(page.url());
  await expect.poll(() => kept(second).textContent()).toContain('Another tab');
  await begin(second);
  await trainTo(second, 5);
  await expect.poll(() => kept(second).textContent()).toContain('Another tab');
  // Its model would be lost.
  const asked: string[] = [];
  second.on('dialog', (dialog) => {
    asked.push(dialog.message());
    void (asked.length > 1 ? dialog.accept() : dialog.dismiss());
  });
  await button(second, 'Reset').click();
  await expect.poll(() => asked.length).toBe(1);
  expect(await status(second)).toMatch(/^Paused/);
  await button(second, 'Reset').click();
  await expect.poll(() => status(second)).toBe('Ready');
  expect(asked[1]).toContain('This browser does not keep the run');

  // What the first tab keeps is not touched.
  const step = await numberIn(page, 'step');
  await reload(page, step);
});

test('a tab takes over what the one before it kept, and loses neither run', async () => {
  const { context, page } = await open();
  await begin(page);
  await trainTo(page, 30);
  const theirs = await numberIn(page, 'step');
  const second = await context.newPage();
  watch(second);
  await second.goto(page.url());
  await expect.poll(() => kept(second).textContent()).toContain('Another tab');
  await begin(second);
  await trainTo(second, 10);
  const ours = await numberIn(second, 'step');
  await page.close();
  await expect
    .poll(() => kept(second).textContent())
    .toBe(`Kept in this browser at step ${told(ours)}`);
  const open1 = reopen(second);
  await expect.poll(() => open1.count()).toBe(1);
  await open1.click();
  await expect.poll(() => status(second)).toBe(`Paused after ${told(theirs)} steps`);
  await expect.poll(() => open1.count()).toBe(1);
  await second.reload();
  await expect.poll(() => status(second)).toBe(`Paused after ${told(theirs)} steps`);
  await open1.click();
  await expect.poll(() => status(second)).toBe(`Paused after ${told(ours)} steps`);
});

/** A page of the same origin, which has the lock of the runs until the function given back is called. */
async function holdLock(context: BrowserContext, url: string): Promise<() => Promise<void>> {
  const page = await context.newPage();
  watch(page);
  await page.goto(new URL('embed/index.html', url).href);
  await page.evaluate(
    () =>
      new Promise<void>((held) => {
        void navigator.locks.request('lethe-studio', () => {
          held();
          return new Promise<void>((release) => Object.assign(globalThis, { release }));
        });
      }),
  );
  return () => page.evaluate(() => (globalThis as unknown as { release: () => void }).release());
}

test('a lock that is free late is waited for, and the run that was kept comes back', async () => {
  const { context, page } = await open();
  const url = page.url();
  await begin(page);
  await trainTo(page, 20);
  const step = await numberIn(page, 'step');
  await expect.poll(() => kept(page).textContent()).toContain(told(step));
  await page.goto('about:blank');
  const release = await holdLock(context, url);
  await page.goto(url);
  await expect.poll(() => kept(page).textContent()).toContain('Another tab holds the runs');
  expect(await status(page)).toBe('Ready');
  await release();
  await expect.poll(() => status(page)).toBe(`Paused after ${told(step)} steps`);
  await trainTo(page, step);
});

test('a slow answer about the lock is not another tab', async () => {
  const { page } = await open();
  await begin(page);
  await trainTo(page, 20);
  const step = await numberIn(page, 'step');
  await expect.poll(() => kept(page).textContent()).toContain(told(step));
  await page.addInitScript(() => {
    const locks = navigator.locks;
    const request = locks.request.bind(locks);
    locks.request = async (...given: unknown[]) => {
      await new Promise((resolve) => setTimeout(resolve, 1200));
      return (request as (...given: unknown[]) => Promise<unknown>)(...given);
    };
  });
  await reload(page, step);
});

test('a page that is closed in the middle of a run loses no more than the last steps', async () => {
  const { page } = await open();
  await begin(page);
  await button(page, 'Start').click();
  await expect.poll(() => kept(page).textContent()).toMatch(/at step [1-9]/);
  const least = Number((await kept(page).textContent())!.match(/[\d,]+$/)![0].replaceAll(',', ''));
  await page.reload();
  await expect.poll(() => status(page)).toMatch(/^Paused after/);
  expect(await numberIn(page, 'step')).toBeGreaterThanOrEqual(least);
  await button(page, 'Resume').click();
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(least);
});

test('a reset while a sample is written, and an import while it trains, leave a run that works', async () => {
  const { page } = await open();
  await begin(page);
  await trainTo(page, 20);
  const step = await numberIn(page, 'step');
  const copy = await download(page, 'Export run');
  await page.getByLabel('Length', { exact: true }).fill('2000');
  // In the page, for the sample may be whole before a test has looked.
  const resets = await button(page, 'Reset').elementHandle();
  const writing = await button(page, 'Write').evaluate(async (write: HTMLElement, resets) => {
    const form = write.closest('section')!;
    let seen = '';
    await new Promise<void>((begun) => {
      const observer = new MutationObserver(() => {
        seen ||= form.querySelector('form > button')!.textContent;
        if (!form.querySelector('li')) return;
        observer.disconnect();
        begun();
      });
      observer.observe(form, { subtree: true, childList: true, characterData: true });
      write.click();
    });
    (resets as HTMLElement).click();
    return seen;
  }, resets);
  expect(writing).toBe('Stop writing');
  await expect.poll(() => status(page)).toBe('Ready');
  await button(page, 'Start').click();
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(5);
  await importFile(page, 'copy.safetensors', copy);
  await expect.poll(() => status(page)).toBe(`Paused after ${told(step)} steps`);
  expect(await written(page)).toHaveLength(60);
  await trainTo(page, step);
  // The run that was reset, and the one that the import took the place of.
  expect(await reopen(page).count()).toBe(2);
});

test('training goes on where the storage is full', async () => {
  const { context, page } = await open();
  const session = await context.newCDPSession(page);
  const { origin } = new URL(page.url());
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
  await begin(page);
  await trainTo(page, 20);
  await expect.poll(() => kept(page).textContent()).toContain('storage of this browser is full');
  await trainTo(page, (await numberIn(page, 'step')) + 5);
});

test('a tab that is frozen in the background shows the run as it went on meanwhile, and keeps it', async () => {
  const { context, page } = await open();
  const session = await context.newCDPSession(page);
  await begin(page);
  await button(page, 'Start').click();
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(5);
  const before = await numberIn(page, 'step');
  // Its timers, frames and messages stop; what its workers tell waits.
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(before);
  const shown = await numberIn(page, 'step');
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(shown + 10);
  await pause(page);
  const step = await numberIn(page, 'step');
  await reload(page, step);
});

test('a run that diverges goes back, gets a lower rate, and learns on', async () => {
  const { page } = await open();
  await begin(page);
  await trainTo(page, 20);
  const step = await numberIn(page, 'step');
  const rate = page.getByLabel('Learning rate');
  await rate.fill('-1');
  await button(page, 'Resume').click();
  await expect.poll(() => page.locator('.top .notice').textContent()).toContain('lr = -1');
  expect(await status(page)).toBe(`Paused after ${told(step)} steps`);
  await rate.fill('1e38');
  await button(page, 'Resume').click();
  await button(page, `Go back to step ${told(step)}`).click();
  await expect.poll(() => status(page)).toBe(`Paused after ${told(step)} steps`);

  expect(await rate.inputValue()).toBe('1e+38');
  expect(await page.getByLabel('Hidden units').isDisabled()).toBe(true);
  await rate.fill('0.01');
  await page.getByLabel('Stop after').fill(String(step + 200));
  await button(page, 'Resume').click();
  await expect.poll(() => status(page)).toBe(`Paused after ${told(step + 200)} steps`);
  expect(await figure(page, 'lr').textContent()).toBe('0.01');
  expect(await numberIn(page, 'loss')).toBeLessThan(2);
  // The curve of the failure is in the table, without a model; both tell what they were made with.
  const rows = page.locator('.runs tbody tr');
  expect(await rows.first().textContent()).toContain('1e+38');
  expect(await rows.last().textContent()).toContain('0.01');
  expect(await reopen(page).count()).toBe(0);
  await reload(page, step + 200);
  await openSettings(page);
  expect(await rate.inputValue()).toBe('0.01');
});

describe('WebGPU', () => {
  test('a reset is heard while the run comes back', async () => {
    const { browser, page } = await open({ flags: CHROMIUM_FLAGS });
    await begin(page, 'webgpu');
    await button(page, 'Start').click();
    await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(5);
    const session = await browser.newBrowserCDPSession();
    await session.send('Browser.crashGpuProcess').catch(() => {});
    await button(page, 'Reset').click();
    await expect.poll(() => status(page)).toBe('Ready');
    await page.getByLabel('Device').selectOption('cpu');
    await button(page, 'Start').click();
    await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(20);
    expect(await status(page)).toBe('Training on the CPU');
    expect(await page.locator('.top .notice').count()).toBe(0);
  });

  test('a crashed GPU process does not end the run', async () => {
    const { browser, page } = await open({ flags: CHROMIUM_FLAGS });
    await begin(page, 'webgpu');
    await button(page, 'Start').click();
    await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(10);
    const session = await browser.newBrowserCDPSession();
    await session.send('Browser.crashGpuProcess').catch(() => {});
    await expect
      .poll(() => page.locator('.notice').allTextContents())
      .toContainEqual(expect.stringContaining('The run goes on from step'));
    const from = await numberIn(page, 'step');
    await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(from + 5);
    expect(await status(page)).toBe('Training on the GPU');
  });
});
