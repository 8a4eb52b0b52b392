/** Checkpoints of the command line, opened in the studio. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { hostArray } from '../../src/data/index';
import { mseLoss, openDevice } from '../../src/index';
import { Linear } from '../../src/nn/index';
import { Adam } from '../../src/optim/index';
import { CharTrainer, markText, modelOnly, saveCheckpoint } from '../../src/train/index';
import { saveTraining, Trainer } from '../../src/train/index';
import type { Task } from '../../src/train/index';
import {
  button,
  figure,
  numberIn,
  openSettings,
  status,
  textBox,
  useStudio,
} from '../setup/studio';

const TEXT = 'the quick brown fox jumps over the lazy dog.\n'.repeat(40);

const open = useStudio();

/** What `lethe train` writes after 30 steps. */
async function checkpoint(): Promise<Buffer> {
  const device = await openDevice('cpu');
  const train = { cell: 'gru', hidden: 16, embedding: 0, batch: 4, seq: 16, lr: 0.02 } as const;
  const trainer = new CharTrainer(device, TEXT, { ...train, steps: 60 });
  for (let step = 0; step < 30; step++) await trainer.trainStep();
  await trainer.report();
  const bytes = await saveCheckpoint(trainer, markText(TEXT, 'texts/fox.txt'), { valLoss: 1.25 });
  device.dispose();
  return Buffer.from(bytes);
}

const asks = (page: Page) => page.locator('[data-asks]');

async function choose(page: Page, label: string, name: string, buffer: Buffer): Promise<void> {
  const mimeType = 'application/octet-stream';
  await page.locator(`input[aria-label="${label}"]`).setInputFiles({ name, mimeType, buffer });
}

test('a checkpoint of the command line goes on with its text', async () => {
  const { page } = await open();
  const bytes = await checkpoint();
  await choose(page, 'Run file', 'checkpoint.safetensors', bytes);
  await expect
    .poll(() => asks(page).textContent())
    .toContain('trained for 30 steps on texts/fox.txt');
  await button(page, 'Take the bundled text').click();
  await expect.poll(() => asks(page).textContent()).toContain('is another text');
  const give = (name: string, text: string) =>
    choose(page, 'Text of the checkpoint', name, Buffer.from(text));
  await give('close.txt', TEXT.replace('quick', 'quack'));
  await expect.poll(() => asks(page).textContent()).toMatch(/^close\.txt .* is another text/);
  await give('fox.txt', TEXT);
  await expect.poll(() => status(page)).toBe('Paused after 30 steps');
  expect(await asks(page).count()).toBe(0);
  expect(await figure(page, 'validation').textContent()).toBe('1.250');
  // What it has learned can be read at once.
  await expect.poll(() => page.locator('.paper').getAttribute('data-step')).toBe('30');
  await expect.poll(() => page.locator('.paper .written').textContent()).toHaveLength(320);
  await openSettings(page);
  expect(await page.getByLabel('Stop after').inputValue()).toBe('60');
  await button(page, 'Resume').click();
  await expect.poll(() => status(page)).toBe('Paused after 60 steps');
  await expect.poll(() => page.locator('[data-kept]').textContent()).toMatch(/at step 60$/);
  await page.reload();
  await expect.poll(() => status(page)).toBe('Paused after 60 steps');

  // Its text is on the page now, and need not be asked for.
  await choose(page, 'Run file', 'checkpoint.safetensors', bytes);
  await expect.poll(() => status(page)).toBe('Paused after 30 steps');
});

test('a file of another task is refused, and says why', async () => {
  const device = await openDevice('cpu');
  const model = new Linear(device, 1, 1);
  const x = hostArray([1], 'f32', [1, 1]);
  const batches = { perEpoch: 1, batch: () => ({ x }) };
  const loss: Task['loss'] = (batch) => mseLoss(model.forward(batch.x), batch.x);
  const trainer = new Trainer(device, { model, batches, loss }, { optimizer: new Adam(model) });
  await trainer.trainStep();
  const bytes = Buffer.from(await saveTraining(trainer));
  device.dispose();
  const { page } = await open();
  await choose(page, 'Run file', 'best.safetensors', bytes);
  const problem = page.getByText('best.safetensors: a checkpoint of another task than');
  await expect.poll(() => problem.count()).toBe(1);
});

test('with another text, and from a model alone, a new run begins with the weights', async () => {
  const { page } = await open();
  const bytes = await checkpoint();
  const other = 'The lazy dog sleeps; the quick brown fox does not.\n'.repeat(60);
  await choose(page, 'Run file', 'checkpoint.safetensors', bytes);
  await expect.poll(() => asks(page).count()).toBe(1);
  await choose(page, 'Text of the checkpoint', 'other.txt', Buffer.from(other));
  await button(page, 'Begin a new run with its weights on other.txt').click();
  await expect.poll(() => status(page)).toBe('Trained before; Resume trains it on');
  expect(await (await textBox(page)).inputValue()).toBe(other);
  await button(page, 'Step').click();
  await expect.poll(() => numberIn(page, 'step')).toBe(1);
  // A fresh model is at log(28), 3.3.
  expect(await numberIn(page, 'loss')).toBeLessThan(3);

  await choose(page, 'Run file', 'model.safetensors', Buffer.from(modelOnly(bytes)));
  await expect.poll(() => asks(page).textContent()).toContain('is a model alone');
  await button(page, 'Begin a new run with its weights on other.txt').click();
  await expect.poll(() => status(page)).toBe('Trained before; Resume trains it on');
});
