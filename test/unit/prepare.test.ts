/** What the command line reads before it trains. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { readConfig } from '../../src/cli/config_file';
import { readNamedRun } from '../../src/cli/files';
import { prepare } from '../../src/cli/prepare';
import { openDevice, TextError } from '../../src/index';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors';
import { EncodedText } from '../../src/text/encoded';
import { CharTrainer, completeConfig, initFromCheckpoint, markText } from '../../src/train/index';
import { readCheckpoint, saveCheckpoint } from '../../src/train/index';

const TEXT = 'dog bites bone, bone bites back. '.repeat(20);
/** With characters that the first lacks, and without some that it has. */
const OTHER = 'a hog grunts at a bone: "zzz". '.repeat(20);
const TINY = { hidden: 6, embedding: 5, batch: 2, seq: 8, steps: 9 } as const;

let folder: string;
const path = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lethe-prepare-'));
  await writeFile(path('dog.txt'), TEXT);
  await writeFile(path('hog.txt'), OTHER);
  return () => rm(folder, { recursive: true });
});

/** Keeps a checkpoint of a trainer on the CPU, one step on. */
async function keep(
  name: string,
  trainer: CharTrainer,
  text: string,
  metadata: Record<string, string> = {},
): Promise<void> {
  await trainer.trainStep();
  const source = path(text === TEXT ? 'dog.txt' : 'hog.txt');
  const file = decodeSafetensors(await saveCheckpoint(trainer, markText(text, source)));
  await writeFile(path(name), encodeSafetensors(file.tensors, { ...file.metadata, ...metadata }));
  trainer.dispose();
}

const keepDog = async (name: string, metadata?: Record<string, string>): Promise<void> =>
  keep(name, new CharTrainer(await openDevice('cpu'), TEXT, TINY), TEXT, metadata);

test.each(['init-from', 'resume'])(
  'with --%s the text is brought into the ids of the run once',
  async (flag) => {
    await keepDog('dog.safetensors');
    const device = await openDevice('cpu');
    if (flag === 'resume') {
      const dog = readCheckpoint(await readFile(path('dog.safetensors')));
      const { trainer } = await initFromCheckpoint(device, OTHER, dog);
      await keep('hog.safetensors', trainer, OTHER);
    }
    const spy = vi.spyOn(EncodedText.prototype, 'in');
    onTestFinished(() => spy.mockRestore());
    const plan =
      flag === 'resume'
        ? await prepare(undefined, { resume: path('hog.safetensors') })
        : await prepare(path('hog.txt'), { initFrom: path('dog.safetensors') });
    (await plan.begin(device)).dispose();
    const made = spy.mock.results.filter(({ value }, i) => value !== spy.mock.contexts[i]);
    expect(made).toHaveLength(1);
    expect(String(plan.source.text)).toBe(OTHER);
    // Of the text alone.
    expect(plan.distinct).toBe(new Set(OTHER).size);
    expect(plan.source.text.vocabulary.size).toBe(new Set(TEXT + OTHER).size);
    device.dispose();
  },
);

test('a checkpoint is parsed once, and the text in it when it is asked for', async () => {
  await keepDog('run.safetensors', {
    studio: JSON.stringify({ source: { name: 'dog', text: TEXT } }),
  });
  const parse = vi.spyOn(JSON, 'parse');
  onTestFinished(() => parse.mockRestore());
  const parsed = (): number => parse.mock.calls.filter(([json]) => json.includes('bites')).length;
  const run = await readNamedRun(path('run.safetensors'));
  expect(parsed()).toBe(1);
  const { name, text } = run.text()!;
  expect(name).toBe('dog');
  expect(String(text)).toBe(TEXT);
  expect(parsed()).toBe(2);
});

test('an empty text in a checkpoint is told; what is no text is none', async () => {
  await keepDog('empty.safetensors', {
    studio: JSON.stringify({ source: { name: 'dog', text: '' } }),
  });
  const empty = await readNamedRun(path('empty.safetensors'));
  expect(() => empty.text()).toThrow(TextError);
  for (const studio of ['noise', 'null', '{}', '{"source":null}', '{"source":{"name":"dog"}}']) {
    await keepDog('odd.safetensors', { studio });
    expect((await readNamedRun(path('odd.safetensors'))).text()).toBeUndefined();
  }
});

test('settings that there are no more are passed over, in a checkpoint and in config.json', async () => {
  const former = { storage: 'f16', arithmetic: 'f16' };
  await keepDog('dog.safetensors');
  const { header } = readCheckpoint(await readFile(path('dog.safetensors')));
  const older = { ...header, config: { ...header.config, ...former } };
  await keepDog('older.safetensors', { lethe: JSON.stringify(older) });
  expect(readCheckpoint(await readFile(path('older.safetensors'))).header).toEqual(header);
  await writeFile(path('config.json'), JSON.stringify({ hidden: 12, ...former, length: 5 }));
  const read = await readConfig(path('config.json'));
  expect(read).toEqual({ train: { hidden: 12 }, loop: { length: 5 } });
});

test('a bias for a gate that the cell of config.json lacks: the cell of a flag may have it', async () => {
  await writeFile(path('config.json'), JSON.stringify({ cell: 'gru', forgetBias: 1 }));
  const { train } = await readConfig(path('config.json'));
  expect(train).toEqual({ cell: 'gru', forgetBias: 1 });
  expect(completeConfig({ ...train, cell: 'lstm' }).forgetBias).toBe(1);
  expect(() => completeConfig(train)).toThrow(/gru has no gate f/);
});
