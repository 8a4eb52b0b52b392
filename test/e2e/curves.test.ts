import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';

import { ngramEntropies, splitText, Vocabulary } from '../../src/text';
import { counted, percent } from '../../demos/shared/format';
import { countParameters } from '../../src/train/memory';
import {
  button,
  chooseTextFile,
  figure,
  numberIn,
  openSettings,
  ownText,
  status,
  textBox,
  useStudio,
} from '../setup/studio';

const TEXT = 'the quick brown fox jumps over the lazy dog.\n'.repeat(39) + 'ab\u00e9 \u{1f600}\n';

const open = useStudio();

const textOf = (page: Page, selector: string) => () => page.locator(selector).textContent();
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look);
const fill = (page: Page, label: string, value: string) =>
  page.getByLabel(label, { exact: true }).fill(value);

async function chooseTinyModel(page: Page, device = 'cpu'): Promise<void> {
  await ownText(page, TEXT);
  await openSettings(page);
  await fill(page, 'Hidden units', '16');
  await fill(page, 'Embedding', '0');
  await fill(page, 'Sequence length', '10');
  await fill(page, 'Batch', '4');
  await fill(page, 'Learning rate', '0.002');
  await fill(page, 'Stop after', '0');
  // A rate that stays, whatever the studio begins with.
  await page.getByText('More settings').click();
  await page.getByLabel('Schedule', { exact: true }).selectOption('constant');
  for (const label of ['Dropout', 'Warm-up']) await fill(page, label, '0');
  await page.getByText('More settings').click();
  await page.getByLabel('Device').selectOption(device);
}

/** Trains until the page stops of its own accord. */
async function trainFor(page: Page, steps: number): Promise<void> {
  await fill(page, 'Stop after', String(steps));
  await button(page, 'Start').click();
  await eventually(() => status(page)).toBe(`Paused after ${steps} steps`);
}

async function reset(page: Page): Promise<void> {
  await button(page, 'Reset').click();
  await eventually(() => status(page)).toBe('Ready');
}

const rows = (page: Page) => page.locator('.runs tbody tr');

describe('text', () => {
  test('is counted, with its rare characters', async () => {
    const { page } = await open();
    await ownText(page, TEXT);
    await eventually(textOf(page, '#text-facts')).toBe(
      'your text, 1,761 characters, 31 distinct, 40 lines',
    );
    await page.getByText('2 rare characters').click();
    expect(await page.locator('.rare li').allTextContents()).toEqual(['é 1', '😀 1']);
  });

  test('what is no text is refused, and the text before stays', async () => {
    const { page } = await open();
    await ownText(page, TEXT);
    const refuses = async (name: string, bytes: number[], message: RegExp) => {
      const file = { name, mimeType: 'text/plain', buffer: Buffer.from(bytes) };
      await chooseTextFile(page, file);
      await eventually(textOf(page, '#text-problem')).toMatch(message);
      await eventually(textOf(page, '#text-facts')).toMatch(/^your text, 1,761 characters/);
    };
    await refuses('none.txt', [], /^none.txt is empty/);
    await refuses('one.txt', [0xc3, 0xa9], /^one.txt has one character/);
    await refuses('image.png', [0x89, 0x50, 0, 0x0d], /^image.png is not a text.*offset 2/);
    await refuses('latin.txt', [0x61, 0xe9, 0x62], /^latin.txt is not UTF-8/);
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(33_000_000)], 'huge.txt'));
      const drop = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector('.choice')!.dispatchEvent(drop);
    });
    await eventually(textOf(page, '#text-problem')).toBe(
      'huge.txt has 33 MB, and 32 MB is the most. Choose a part of it.',
    );
    expect(await (await textBox(page)).inputValue()).toBe(TEXT);

    await ownText(page, 'x');
    await eventually(textOf(page, '#text-problem')).toMatch(/^The text has one character/);
    await button(page, 'Clear').click();
    await eventually(textOf(page, '#text-facts')).toMatch(/^no text yet/);
    expect(await textOf(page, '#text-problem')()).toBe('');
    expect(await button(page, 'Start').isDisabled()).toBe(true);
  });

  test('a long one is counted in a worker, and n-grams on its beginning', async () => {
    const { page } = await open();
    await chooseTextFile(page, {
      name: 'long.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('abcdefgh'.repeat(300_000)),
    });
    await eventually(textOf(page, '#text-facts')).toBe(
      'long.txt, 2,400,000 characters, 8 distinct, 1 line',
    );
    await button(page, 'Step').click();
    await eventually(textOf(page, '.ngram-state')).toMatch(
      /Counted on the first 2,000,000 characters/,
    );
  });

  test('shows what a step reads', async () => {
    const { page } = await open();
    await chooseTinyModel(page);
    // 1,584 characters to train on, in 4 streams.
    await eventually(textOf(page, '.panel:has(.streams) .hint')).toBe(
      '4 streams of 395 characters, side by side; 10 characters of each in a step. ' +
        'Next is window 1 of 39, marked.',
    );
    const marks = () => page.locator('.streams mark').allTextContents();
    const window = (from: number) =>
      [0, 1, 2, 3].map((b) =>
        TEXT.slice(395 * b + from, 395 * b + from + 10).replaceAll('\n', '↵'),
      );
    expect(await marks()).toEqual(window(0));
    await button(page, 'Step').click();
    await eventually(marks).toEqual(window(10));
  });
});

describe('baselines', () => {
  test('are those of the library', async () => {
    const { page } = await open();
    await chooseTinyModel(page);
    await button(page, 'Step').click();
    const vocabulary = Vocabulary.fromText(TEXT);
    const { train, valid } = splitText(vocabulary.encode(TEXT), 0.1);
    const losses = ngramEntropies(train, valid, { vocabularySize: vocabulary.size, maxOrder: 15 });
    const said = (order: number) =>
      `${order}-gram, Kneser-Ney: ${losses[order - 1].toFixed(3)} nats per character on the ` +
      `held-out text. It counts what follows the last ${counted(order - 1, 'character')}, and gives the ` +
      `character that comes a probability of ${percent(Math.exp(-losses[order - 1]))}, which is what so ` +
      'many nats mean.';
    const best = 1 + losses.slice(0, 10).indexOf(Math.min(...losses.slice(0, 10)));
    await eventually(textOf(page, '.ngram-state')).toBe(said(best));
    const order = page.getByLabel('of order');
    await order.selectOption('2');
    await eventually(textOf(page, '.ngram-state')).toBe(said(2));
    await order.selectOption('15');
    await eventually(textOf(page, '.ngram-state')).toBe(said(15));

    const labels = () => page.locator('.u-legend .u-label').allTextContents();
    await eventually(labels).toContain('15-gram');
    expect(await labels()).toEqual(expect.arrayContaining(['Uniform', 'Unigram']));
    await page.getByLabel('N-gram').uncheck();
    await page.getByLabel('Uniform').uncheck();
    await eventually(labels).toEqual(['Step', 'Unigram', 'Each report', 'Training', 'Held out']);

    const drawn = () =>
      page.locator('.chart canvas').evaluate((one: HTMLCanvasElement) => one.toDataURL());
    const before = await drawn();
    await page.getByLabel('Unit', { exact: true }).selectOption('bits');
    await eventually(drawn).not.toBe(before);
  });

  test('nothing held out: no n-grams', async () => {
    const { page } = await open();
    await openSettings(page);
    await page.getByText('More settings').click();
    await fill(page, 'Held out', '0');
    await button(page, 'Step').click();
    await eventually(textOf(page, '.ngram-state')).toMatch(/^No n-grams/);
  });
});

describe('settings', () => {
  test('every number out of range is told at its field', async () => {
    const { page } = await open();
    await openSettings(page);
    await page.getByText('More settings').click();
    const bad: [string, string, RegExp][] = [
      ['Hidden units', '0', /^hidden = 0/],
      ['Layers', '1.5', /^layers = 1.5; an integer/],
      ['Embedding', '-1', /^embedding = -1/],
      ['Sequence length', '', /^Give a number\.$/],
      ['Batch', '0', /^batch = 0/],
      ['Learning rate', '-0.1', /^lr = -0.1/],
      ['Stop after', '-1', /^stopAfter = -1/],
      ['Dropout', '1.5', /^dropout = 1.5/],
      ['Seed', '-1', /^seed = -1/],
      ['Held out', '0.95', /^validFraction = 0.95/],
      ['Warm-up', '-1', /^warmup = -1/],
      ['Schedule steps', '0', /^scheduleSteps = 0/],
      ['Gamma', '-1', /^gamma = -1/],
      ['Clip gradients at', '-1', /^clip = -1/],
      ['Clip elements at', '-1', /^clipValue = -1/],
    ];
    for (const [label, value, message] of bad) {
      const field = page.locator('.field', { has: page.getByLabel(label, { exact: true }) });
      const input = field.locator('input');
      const good = await input.inputValue();
      await input.fill(value);
      await eventually(() => field.locator('.wrong').textContent()).toMatch(message);
      expect(await input.getAttribute('aria-invalid')).toBe('true');
      await input.fill(good);
      await eventually(() => field.locator('.wrong').count()).toBe(0);
    }
  });

  test('parameters and memory are told before the start', async () => {
    const { page } = await open();
    await chooseTinyModel(page);
    const count = countParameters({ hidden: 16, embedding: 0 }, 31);
    await eventually(textOf(page, '.estimate')).toMatch(
      new RegExp(`^${count.toLocaleString('en')} parameters, about \\d+ kB: weights`),
    );
    await trainFor(page, 3);
    expect(await figure(page, 'parameters').textContent()).toBe(count.toLocaleString('en'));
    const kilobytes = async (text: () => Promise<string | null>, pattern: RegExp) =>
      Number(pattern.exec((await text())!)![1]);
    const estimated = await kilobytes(textOf(page, '.estimate'), /about (\d+) kB/);
    const held = await kilobytes(textOf(page, '[data-figure="memory"]'), /^(\d+) kB/);
    expect(estimated / held).toBeGreaterThan(0.75);
    expect(estimated / held).toBeLessThan(1.25);
  });
});

describe('runs', () => {
  test('stay beside each other, with what differs', async () => {
    const { page } = await open();
    await chooseTinyModel(page);
    await trainFor(page, 120);
    expect(await numberIn(page, 'grad-norm')).toBeGreaterThan(0);
    expect(await rows(page).count()).toBe(0);
    await reset(page);

    await eventually(() => rows(page).count()).toBe(1);
    await page.getByText('More settings').click();
    await page.getByLabel('Recurrent weights').selectOption('orthogonal');
    await page.getByLabel('Schedule', { exact: true }).selectOption('cosine');
    const field = page.locator('.field', { has: page.getByLabel('Schedule steps') });
    const course = textOf(page, '[data-figure="rate-course"]');
    await eventually(course).toBe(
      'The rate: 0.002 at first, 0.001 after 60 steps, 0 after 120 steps.',
    );
    await fill(page, 'Stop after', '0');
    await eventually(() => field.locator('.wrong').textContent()).toMatch(/say when to stop/);
    await fill(page, 'Schedule steps', '500');
    await eventually(course).toMatch(/0 after 500 steps\.$/);
    await fill(page, 'Forget bias', '1');
    await fill(page, 'Learning rate', '0.02');
    await trainFor(page, 130);

    const head = await page.locator('.runs thead th').allTextContents();
    expect(head).toEqual([
      ...['Shown', 'Name', 'Recurrent weights', 'Forget bias', 'Stop after', 'Rate'],
      ...['Schedule', 'Schedule steps'],
      ...['Steps', 'Training loss', 'Held-out loss', 'Characters/s'],
    ]);
    const cells = (i: number) => rows(page).nth(i).locator('td').allTextContents();
    expect((await cells(0)).slice(1, 8)).toEqual([
      ...['uniform', 'random', '120', '0.002', 'constant', 'by length'],
      '120',
    ]);
    expect((await cells(1)).slice(1, 8)).toEqual([
      ...['orthogonal', '1', '130', '0.02', 'cosine', '500'],
      '130',
    ]);
    // The higher rate has learnt more.
    expect(Number((await cells(1))[8])).toBeLessThan(Number((await cells(0))[8]));
    expect((await cells(1))[8]).toBe(await figure(page, 'loss').textContent());
    expect((await cells(1))[9]).toBe(await figure(page, 'validation').textContent());

    const labels = () => page.locator('.u-legend .u-label').allTextContents();
    await page.getByLabel('Name of run 1').fill('slow');
    await eventually(labels).toContain('slow, training');
    await page.getByLabel('Show slow').uncheck();
    await eventually(labels).not.toContain('slow, training');
    // Its model goes too, which is asked about.
    page.once('dialog', (dialog) => void dialog.accept());
    await button(page, 'Remove slow').click();
    await eventually(() => rows(page).count()).toBe(0);

    // A run of the same shape gets a name of its own.
    await reset(page);
    await trainFor(page, 2);
    await reset(page);
    const names = page.locator('.runs input[type="text"]');
    await eventually(() => names.count()).toBe(2);
    expect(await names.nth(0).inputValue()).toBe('LSTM 1x16');
    expect(await names.nth(1).inputValue()).toBe('LSTM 1x16 (2)');
  });

  test('that diverge are named as such, with what to do, and do not flatten the others', async () => {
    const { page } = await open();
    await chooseTinyModel(page);
    await trainFor(page, 100);
    await reset(page);
    await page.getByText('More settings').click();
    await fill(page, 'Clip gradients at', '0');
    await fill(page, 'Learning rate', '5');
    await trainFor(page, 100);
    const note = page.locator('.results .notice');
    await eventually(() => note.textContent()).toMatch(
      /^This run has diverged\. Since step \d+ .* Lower the learning rate, which is 5, or limit/,
    );
    const cells = rows(page).nth(1).locator('td');
    expect(await cells.allTextContents()).toContain('diverged');
    // Another begins by itself, with what the button says.
    await button(page, 'Start again with a rate of 0.5').click();
    await eventually(() => rows(page).count()).toBe(3);
    expect(await page.getByLabel('Learning rate').inputValue()).toBe('0.5');
  });

  test('that learn by heart are told, and go back to their best model', async () => {
    const { page } = await open();
    await chooseTinyModel(page);
    // Lines without a pattern: there is nothing to learn but the lines themselves.
    let seed = 1;
    const letter = () => String.fromCharCode(97 + ((seed = (seed * 16807) % 2147483647) % 26));
    const noise = Array.from({ length: 400 }, (_, i) => (i % 20 === 19 ? '\n' : letter()));
    await ownText(page, noise.join(''));
    await fill(page, 'Hidden units', '64');
    await fill(page, 'Learning rate', '0.02');
    await trainFor(page, 600);
    const note = page.locator('.results .notice');
    await eventually(() => note.textContent()).toMatch(/^It begins to learn the text by heart\./);
    const [, best] = /Go back to the best, step (\d+)$/.exec((await note.textContent())!)!;
    expect(Number(best)).toBeLessThan(600);
    await eventually(textOf(page, '[data-kept]')).toMatch(/at step 600$/);
    await page.reload();
    await eventually(() => status(page)).toBe('Paused after 600 steps');
    // It is kept with the run, and the run with it.
    await button(page, `Go back to the best, step ${best}`).click();
    await eventually(() => status(page)).toBe(`Paused after ${best} steps`);
    await eventually(() => rows(page).count()).toBe(2);
    expect(await note.count()).toBe(0);
    const loss = await figure(page, 'validation').textContent();
    await button(page, 'Measure held-out loss').click();
    await button(page, 'Step').click();
    await eventually(() => status(page)).toBe(`Paused after ${Number(best) + 1} steps`);
    expect(await figure(page, 'validation').textContent()).toBe(loss);
    page.once('dialog', (dialog) => void dialog.accept());
    await rows(page).first().getByRole('button', { name: /^Open/ }).click();
    await eventually(() => status(page)).toBe('Paused after 600 steps');
  });

  test('on another text have a chart of their own', async () => {
    const { page } = await open();
    await chooseTinyModel(page);
    await trainFor(page, 5);
    await reset(page);
    const labels = () => page.locator('.u-legend .u-label').allTextContents();
    await eventually(labels).toContain('LSTM 1x16, training');
    await ownText(page, TEXT.slice(1));
    await eventually(labels).not.toContain('LSTM 1x16, training');
    await page.getByText('Runs on 1 other text').click();
    await eventually(labels).toContain('LSTM 1x16, training');
    expect(await page.locator('.chart').count()).toBe(2);
  });

  test('rest at their end until that is a later one; the time left is told', async () => {
    const { page } = await open();
    await chooseTinyModel(page);
    await fill(page, 'Stop after', '1000000');
    await button(page, 'Start').click();
    await eventually(textOf(page, '[data-figure="time-left"]')).toMatch(/\d+ (s|min)/);
    await reset(page);
    await trainFor(page, 5);
    expect(await figure(page, 'time-left').textContent()).toBe('–');
    await button(page, 'Resume').click();
    await eventually(textOf(page, '.top .notice')).toContain('was to stop after 5');
    expect(await status(page)).toBe('Paused after 5 steps');
    await fill(page, 'Stop after', '0');
    await button(page, 'Resume').click();
    await eventually(() => numberIn(page, 'step')).toBeGreaterThan(20);
    expect(await page.locator('.top .notice').count()).toBe(0);
  });

  test('tell how far the shaders are on WebGPU', async () => {
    const { page } = await open();
    await chooseTinyModel(page, 'webgpu');
    // In the page, which may draw no frame meanwhile.
    const live = await page.locator('.live').evaluateHandle((live) => {
      const compiles = new Promise<void>((resolve) => {
        const look = () => /compiling shader \d+ of \d+/.test(live.textContent) && resolve();
        const all = { subtree: true, childList: true, characterData: true };
        new MutationObserver(look).observe(live, all);
      });
      return { compiles };
    });
    await button(page, 'Step').click();
    await live.evaluate(({ compiles }) => compiles);
    await eventually(textOf(page, '[data-figure="step"]')).toBe('1');
    expect(await page.locator('.live').textContent()).toMatch(/epoch 0\.0\d/);
  });
});
