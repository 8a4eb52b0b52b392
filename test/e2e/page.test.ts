import type { Page } from 'playwright-core';
import { describe, expect, onTestFailed, test } from 'vitest';

import { CHROMIUM_FLAGS } from '../../scripts/browser.mjs';
import {
  button,
  chooseTiny,
  figure,
  numberIn,
  openSettings,
  chooseTextFile,
  ownText,
  status,
  useStudio,
} from '../setup/studio';

/** Little to learn, so that the loss falls within seconds. */
const TEXT = 'the quick brown fox jumps over the lazy dog.\n'.repeat(40);

const open = useStudio();

const chooseTinyModel = (page: Page, device: string) =>
  chooseTiny(page, TEXT, { cell: 'gru', device });

/** Waits until so many steps are done; says what the page says, if they never are. */
async function reach(page: Page, step: number): Promise<void> {
  onTestFailed(async () => {
    if (!page.isClosed()) console.log(await page.locator('.controls, .notice').allTextContents());
  });
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThanOrEqual(step);
}

async function pause(page: Page): Promise<number> {
  await button(page, 'Pause').click();
  await expect.poll(() => status(page)).toMatch(/^Paused/);
  return numberIn(page, 'step');
}

/** Asks for a sample of a paused model, and gives back what it wrote. */
async function write(page: Page, length: number): Promise<string> {
  await page.getByLabel('Length', { exact: true }).fill(String(length));
  await button(page, 'Write').click();
  const sample = page.locator('.samples [data-done="true"] .written');
  return (await sample.first().textContent())!;
}

test('trains on the CPU: start, pause, step, sample, reset', async () => {
  const { page } = await open();
  await expect.poll(() => page.locator('#text-facts').textContent()).toContain('bundled text');
  await chooseTinyModel(page, 'cpu');
  await expect
    .poll(() => page.locator('#text-facts').textContent())
    .toBe('your text, 1,800 characters, 29 distinct, 40 lines');

  await button(page, 'Step').click();
  await reach(page, 1);
  const first = await numberIn(page, 'loss');
  expect(first).toBeCloseTo(Math.log(29), 0);
  await button(page, 'Resume').click();
  await reach(page, 300);
  expect(await numberIn(page, 'loss')).toBeLessThan(0.8 * first);
  expect(await numberIn(page, 'validation')).toBeLessThan(first);
  expect(await numberIn(page, 'pace')).toBeGreaterThan(0);
  // One-hot GRU of 29 characters, and the linear layer.
  expect(await numberIn(page, 'parameters')).toBe(3 * 16 * (29 + 16 + 2) + 29 * 17);
  expect(await figure(page, 'device').getAttribute('data-kind')).toBe('cpu');
  expect(await page.getByLabel('Hidden units').isDisabled()).toBe(true);

  const paused = await pause(page);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await numberIn(page, 'step')).toBe(paused);

  await button(page, 'Step').click();
  await expect.poll(() => numberIn(page, 'step')).toBe(paused + 1);

  expect(await write(page, 77)).toHaveLength(77);
  await page.getByLabel('Begin with').fill('Ω');
  await button(page, 'Write').click();
  await expect.poll(() => page.locator('.samples-problem').textContent()).toMatch(/U\+03A9/);
  await page.getByLabel('Begin with').fill('the ');

  await button(page, 'Resume').click();
  await reach(page, paused + 10);
  await button(page, 'Write').click();
  await expect.poll(() => page.locator('.samples li').count()).toBe(2);

  await button(page, 'Reset').click();
  await expect.poll(() => status(page)).toBe('Ready');
  expect(await figure(page, 'step').count()).toBe(0);
  expect(await page.locator('.samples li, .paper').count()).toBe(0);

  await button(page, 'Step').click();
  await reach(page, 1);
  // The same seed gives the same model again.
  expect(await numberIn(page, 'loss')).toBe(first);
});

test('trains on WebGPU', async () => {
  const { page } = await open();
  await chooseTinyModel(page, 'webgpu');
  await button(page, 'Start').click();
  await reach(page, 20);
  expect(await figure(page, 'device').getAttribute('data-kind')).toBe('webgpu');
  expect(await figure(page, 'device').textContent()).toMatch(/WebGPU, .*swiftshader/i);
  const paused = await pause(page);
  expect(await numberIn(page, 'loss')).toBeGreaterThan(0);
  expect(await write(page, 20)).toHaveLength(20);
  await button(page, 'Step').click();
  await expect.poll(() => numberIn(page, 'step')).toBe(paused + 1);
  await button(page, 'Reset').click();
  await expect.poll(() => status(page)).toBe('Ready');
});

test('says that WebGPU is missing, and trains on the CPU', async () => {
  const flags = CHROMIUM_FLAGS.filter((flag) => !flag.includes('webgpu'));
  const { page } = await open({
    flags: [...flags, '--disable-features=WebGPU,WebGPUService'],
  });
  await openSettings(page);
  const notice = page.getByRole('note');
  await expect.poll(() => notice.textContent()).toMatch(/on the CPU.*WebGPU/);
  // A visitor is not told what to install on a server.
  expect(await notice.textContent()).not.toMatch(/vulkan/i);

  await chooseTinyModel(page, 'webgpu');
  await button(page, 'Start').click();
  await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/webgpu/i);
  await button(page, 'Start on the CPU').click();
  await reach(page, 5);
  expect(await figure(page, 'device').getAttribute('data-kind')).toBe('cpu');

  await button(page, 'Reset').click();
  await page.getByLabel('Device').selectOption('auto');
  await button(page, 'Start').click();
  await reach(page, 5);
  expect(await figure(page, 'device').getAttribute('data-kind')).toBe('cpu');
});

test('says that a policy against WebAssembly makes the CPU slow', async () => {
  const { page } = await open();
  await page.route(/\/worker-[^/]*\.js/, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), 'content-security-policy': "script-src 'self'" };
    await route.fulfill({ response, headers });
  });
  await page.reload();
  const notice = page.getByRole('note');
  await expect
    .poll(() => notice.textContent())
    .toMatch(/^Training is far slower.*plain JavaScript.*wasm-unsafe-eval/);
});

describe('what cannot work is said', () => {
  test('a text or a setting that does not fit', async () => {
    const { page } = await open();
    await chooseTinyModel(page, 'cpu');
    await ownText(page, 'too short');
    const problem = page.locator('#text-problem');
    await expect.poll(() => problem.textContent()).toMatch(/^text shorter than one window/);
    await button(page, 'Start').click();
    const alert = page.getByRole('alert');
    await expect.poll(() => alert.textContent()).toMatch(/text shorter than one window/);
    expect(await status(page)).toBe('Stopped');

    await page.getByRole('radio', { name: 'Story' }).check();
    await expect.poll(() => problem.textContent()).toBe('');
    await page.getByLabel('Hidden units').fill('0');
    await expect
      .poll(() => page.locator('.field .wrong').textContent())
      .toBe('hidden = 0; an integer from 1 to 65536 is needed');
    await button(page, 'Start').click();
    await expect.poll(() => alert.textContent()).toMatch(/hidden = 0/);
  });

  test('a file that is not UTF-8', async () => {
    const { page } = await open();
    const choose = (buffer: Buffer) =>
      chooseTextFile(page, { name: 'a.txt', mimeType: 'text/plain', buffer });
    await choose(Buffer.from([0x61, 0xe9, 0x62]));
    const problem = page.locator('#text-problem');
    await expect.poll(() => problem.textContent()).toMatch(/^a.txt is not UTF-8.*offset 1/);
    await choose(Buffer.from('für dich'));
    await expect.poll(() => page.locator('#text-facts').textContent()).toMatch(/^a.txt, 8 char/);
  });
});
