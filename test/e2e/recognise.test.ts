/** The page of recognisers: handwriting is read as it is written, and a network learns to in the page. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Random } from 'lethe';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { orderOf } from '../../demos/recognise/takes';
import { ALPHABET, curve } from '../../demos/tasks/pen/alphabet';
import { drawVoice, RATE, speak } from '../../demos/tasks/spoken/voice';
import { CHROMIUM_FLAGS } from '../../scripts/browser.mjs';
import { axeFindingsInBoth } from '../setup/axe';
import { LIMIT_MS } from '../setup/limit.mjs';
import { button, figure, status, useStudio } from '../setup/studio';

const open = useStudio();

async function openRecognisers(flags?: readonly string[]): Promise<Page> {
  const { page } = await open({
    ...{ path: 'recognise/', width: 1440, height: 900 },
    ...(flags && { flags }),
  });
  await page.locator('canvas').first().waitFor();
  return page;
}

const read = (page: Page) => figure(page, 'read').textContent();

/** Moves the mouse as a pen goes that writes the first forms of the alphabet. */
async function writeByMouse(page: Page, text: string): Promise<void> {
  const { x, y, height } = (await page.locator('.pad').boundingBox())!;
  const size = height / 2;
  let left = x + 40;
  for (const symbol of text) {
    for (const stroke of ALPHABET[symbol][0].map(curve)) {
      for (const [i, point] of stroke.entries()) {
        await page.mouse.move(left + size * point.x, y + height / 5 + size * point.y);
        if (i === 0) await page.mouse.down();
      }
      await page.mouse.up();
    }
    left += size;
  }
}

test('digits are read as they are written, and strokes are taken back', async () => {
  const page = await openRecognisers();
  expect(await read(page)).toContain('Write digits in the box');
  await writeByMouse(page, '37');
  await expect.poll(() => read(page)).toBe('37');
  // The pictures are of what is in the box, with its alignments.
  await page.getByRole('heading', { name: 'The alignments of 37' }).waitFor();
  expect(await page.getByRole('row', { name: 'Greedy' }).textContent()).toContain('37');
  await writeByMouse(page, '');
  await button(page, 'Undo').click();
  await expect.poll(() => read(page)).toBe('3');
  await button(page, 'Clear').click();
  await expect.poll(() => read(page)).toContain('Write digits in the box');
  // A dot is no digit, and no error.
  const { x, y } = (await page.locator('.pad').boundingBox())!;
  await page.mouse.move(x + 50, y + 50);
  await page.mouse.down();
  await page.mouse.up();
  await expect.poll(() => page.getByRole('row', { name: 'Greedy' }).count()).toBe(1);
});

test('letters: hello and its alignments; what cannot be written is refused', async () => {
  const page = await openRecognisers();
  await page.getByLabel('Letters').check();
  const alignments = page.getByRole('img', { name: 'The alignments of hello' });
  await alignments.waitFor();
  // Each letter has a frame, with a blank between both l.
  expect(await alignments.getAttribute('aria-label')).toMatch(
    /h for \d+, .*e for \d+, .*l for \d+, blank for \d+, l for \d+, .*o for \d+/,
  );
  const box = page.getByLabel('Or have it written');
  await box.fill('h3llo');
  expect(await page.locator('#written-wrong').textContent()).toContain('small letters');
  expect(await button(page, 'Write').isDisabled()).toBe(true);
  await box.fill('lethe');
  await button(page, 'Write').click();
  await expect.poll(() => read(page)).toMatch(/^[a-z]+$/);
});

test('a network learns in the page: blanks, then spikes; it rests, models are compared, and it reads', async () => {
  const page = await openRecognisers();
  const blanks = () => page.getByRole('img', { name: 'The probability of each label' });
  await button(page, 'Train').click();
  await page.getByLabel('as it is now').waitFor({ timeout: LIMIT_MS });
  await expect.poll(() => status(page)).toContain('Training on');
  // A quarter of its training is behind it.
  await expect
    .poll(() => page.getByRole('radio', { name: /^after/ }).count(), { timeout: LIMIT_MS })
    .toBeGreaterThanOrEqual(3);
  await button(page, 'Pause').click();
  await button(page, 'Go on').waitFor();
  const learnt = await blanks().getAttribute('aria-label');
  await page.getByLabel('untrained').check();
  await expect.poll(() => blanks().getAttribute('aria-label')).not.toBe(learnt);
  await page.getByLabel('the ready-made one').check();
  await expect.poll(() => blanks().getAttribute('aria-label')).toContain('read as 40718');
  await button(page, 'Go on').click();
  await expect.poll(() => status(page)).toContain('Training on');
  // To its end, and then it is that network which reads what is written.
  await expect.poll(() => status(page), { timeout: LIMIT_MS }).toBe('Done');
  await writeByMouse(page, '37');
  await expect.poll(() => read(page)).toBe('37');
  await page.getByLabel('untrained').check();
  await expect.poll(() => read(page)).not.toBe('37');
  await page.getByLabel('trained here').check();
  await expect.poll(() => read(page)).toBe('37');
});

test('axe finds nothing, and a phone shows it without scrolling sideways', async () => {
  const page = await openRecognisers();
  await button(page, 'Write').click();
  await page.getByRole('row', { name: 'Greedy' }).waitFor();
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await axeFindingsInBoth(page)).toEqual([]);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(over).toBeLessThanOrEqual(0);
  }
});

/** Mono samples as a file of 16 bits. */
function wav(samples: Float32Array, sampleRate: number): Buffer {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * samples.length, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(2 * sampleRate, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples.length, 40);
  for (const [i, sample] of samples.entries()) {
    bytes.writeInt16LE(Math.round(32_000 * Math.max(-1, Math.min(1, sample))), 44 + 2 * i);
  }
  return bytes;
}

/** A voice by code that says digits in the order in which they are asked for, three times each. */
function dictation(): Buffer {
  const random = new Random(4);
  const voice = drawVoice(random);
  const pause = new Float32Array(Math.round(0.6 * RATE));
  const parts = [0, 1, 2].flatMap(orderOf).flatMap((digit) => [pause, speak(digit, voice, random)]);
  const samples = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return wav(
    samples.map((sample) => (0.6 * sample) / loudest),
    RATE,
  );
}

const FAKE_MICROPHONE = '--use-fake-device-for-media-stream';

test('a network learns a voice from takes, and reads it', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'lethe-voice-')), 'digits.wav');
  await writeFile(file, dictation());
  const page = await openRecognisers([
    ...[...CHROMIUM_FLAGS, FAKE_MICROPHONE, '--use-fake-ui-for-media-stream'],
    `--use-file-for-fake-audio-capture=${file}`,
  ]);
  await page.getByLabel('Your voice').check();
  expect(await button(page, 'Train').isDisabled()).toBe(true);
  await button(page, 'Record my digits').click();
  await expect
    .poll(() => page.getByRole('progressbar').getAttribute('value'), { timeout: LIMIT_MS })
    .toBe('30');
  await button(page, 'Train').click();
  await expect.poll(() => figure(page, 'result').count(), { timeout: LIMIT_MS }).toBe(1);
  const wrong = Number(
    /gets ([\d.]+) % of/.exec((await figure(page, 'result').textContent())!)![1],
  );
  expect(wrong).toBeLessThan(10);
  await button(page, 'Listen to me').click();
  await expect.poll(() => read(page), { timeout: LIMIT_MS }).toMatch(/^\d{3,}$/);
  await button(page, 'Stop').click();
});

test('a microphone that is refused, and one that hears nothing', async () => {
  const refused = await openRecognisers([
    ...[...CHROMIUM_FLAGS, FAKE_MICROPHONE, '--deny-permission-prompts'],
  ]);
  await refused.getByLabel('Your voice').check();
  await button(refused, 'Record my digits').click();
  await expect
    .poll(() => refused.getByRole('alert').textContent())
    .toContain('The microphone was refused');

  const file = join(await mkdtemp(join(tmpdir(), 'lethe-voice-')), 'silence.wav');
  await writeFile(file, wav(new Float32Array(16_000), 16_000));
  const page = await openRecognisers([
    ...[...CHROMIUM_FLAGS, FAKE_MICROPHONE, '--use-fake-ui-for-media-stream'],
    `--use-file-for-fake-audio-capture=${file}`,
  ]);
  await page.getByLabel('Your voice').check();
  await button(page, 'Record my digits').click();
  await expect.poll(() => figure(page, 'prompt').textContent()).toMatch(/Say \d/);
  await page.getByText('Nothing is heard').waitFor();
  await button(page, 'Stop').click();
  await expect.poll(() => page.getByText('Nothing is heard').count()).toBe(0);
});
