/** The programs and cells of docs/examples work as the pages show them. */
import { cpSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format } from 'node:util';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { positives } from '../../docs/examples/pos_weight';
import { heard } from '../../docs/examples/ctc_heard';
import { janet } from '../../docs/examples/janet';
import { leaky } from '../../docs/examples/leaky';
import { mguResetBefore } from '../../docs/examples/mgu_reset_before';
import { inverseRoot } from '../../docs/examples/schedule';
import { backward, Generator, mul, ones, openDevice, Random, sum, tensor } from '../../src/index';
import type * as Lethe from '../../src/index';
import type { Device } from '../../src/index';
import { ctcAlign, ctcBeamSearch } from '../../src/ctc/index';
import { Scaler } from '../../src/data/index';
import { traceCells } from '../../src/inspect/index';
import { decodeSafetensors } from '../../src/io/index';
import { CellDefinition, Dropout, Embedding, Linear, Recurrent } from '../../src/nn/index';
import { Adam } from '../../src/optim/index';
import { scope } from '../../src/tensor/scope';
import { normalTensors } from '../setup/nn_helpers';
import { expectGradients } from '../setup/gradients';

const device = await openDevice('cpu', { reference: true });
const EXAMPLES = { janet, leaky, mgu_reset_before: mguResetBefore };

describe.each(Object.entries(EXAMPLES))('%s', (file, kind) => {
  test('gradients, stacked and in two directions', async () => {
    const options = { dtype: 'f64', random: new Random(3), bidirectional: true } as const;
    const layers = new Recurrent(device, kind, 2, 3, { ...options, numLayers: 2 });
    expect([...layers.stateDict().keys()]).toContain('weight_hh_l1_reverse');
    const normal = normalTensors(device);
    const x = normal([4, 2, 2], true);
    const h = normal([4, 2, 3], true);
    await expectGradients(() => {
      const { output, state } = layers.run(x, [h], { lengths: [3, 4] });
      return [output, ...state];
    }, [x, h, ...layers.parameters()]);
  });

  test('trains, and is traced', async () => {
    const random = new Random(4);
    const cpu = await openDevice('cpu');
    const model = {
      embedding: new Embedding(cpu, 5, 4, { random }),
      rnn: new Recurrent(cpu, kind, 4, 6, { random }),
      decoder: new Linear(cpu, 6, 5, { random }),
    };
    const x = normalTensors(cpu, 'f32')([7, 3, 4]);
    const optimizer = new Adam(model.rnn.namedParameters(), { lr: 0.02 });
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) {
      const loss = scope(() => {
        const { output } = model.rnn.run(x);
        const made = sum(mul(output, output));
        backward(made);
        return made;
      });
      optimizer.step();
      model.rnn.zeroGrad();
      losses.push(await loss.item());
    }
    expect(losses.at(-1)).toBeLessThan(0.7 * losses[0]);
    const [{ states, gates }] = await traceCells(model, [0, 1, 2, 3, 4]);
    expect(states.h).toHaveLength(5 * 6);
    expect(Object.keys(gates)).toEqual(kind instanceof CellDefinition ? kind.gates : []);
    cpu.dispose();
  });

  test('the page shows it as it is', async () => {
    const [page, source] = await Promise.all(
      ['adding-a-cell.md', `examples/${file}.ts`].map((path) => readFile(`docs/${path}`, 'utf8')),
    );
    expect(page).toContain(`examples/${file}.ts`);
    expect(page).toContain(source.trim());
  });
});

test.each([
  ['ctc', 'ctc_train.ts'],
  ['ctc', 'ctc_heard.ts'],
  ['ctc', 'ctc_reader.ts'],
  ['ctc', 'ctc_worker.ts'],
  ['embedding', 'train_worker.ts'],
  ['embedding', 'train_page.ts'],
  ['tasks', 'attention.ts'],
  ['tasks', 'pos_weight.ts'],
  ['tasks', 'sensors.ts'],
  ['tasks', 'seq2seq.ts'],
  ['tasks', 'stateful.ts'],
  ['training', 'recorded.ts'],
])('docs/%s.md shows %s as it is', async (name, file) => {
  const [page, source] = await Promise.all(
    [`${name}.md`, `examples/${file}`].map((path) => readFile(`docs/${path}`, 'utf8')),
  );
  expect(page).toContain(`(examples/${file})`);
  expect(page).toContain(source.trim());
});

/**
 * What a program of docs/examples prints.
 *
 * @param hear is told each line at once.
 */
async function printed(
  file: string,
  given: readonly string[] = [],
  hear: (line: string) => void = () => {},
): Promise<string[]> {
  vi.resetModules();
  const { argv } = process;
  process.argv = [...argv.slice(0, 2), ...given];
  const log = vi.spyOn(console, 'log').mockImplementation((...values) => hear(format(...values)));
  const path = `../../docs/examples/${file}`;
  try {
    await import(/* @vite-ignore */ path);
    return log.mock.calls.map((values) => format(...values));
  } finally {
    log.mockRestore();
    process.argv = argv;
  }
}

/** Two empty folders. */
async function folders(): Promise<string[]> {
  const made = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'lethe-'))));
  onTestFinished(async () => {
    for (const folder of made) await rm(folder, { recursive: true });
  });
  return made;
}

/** The files of both folders are the same, bit for bit. */
async function expectSameFiles([whole, broken]: readonly string[], count: number): Promise<void> {
  const files = await readdir(whole);
  expect(files).toHaveLength(count);
  for (const file of files) {
    const [wanted, actual] = await Promise.all(
      [whole, broken].map((folder) => readFile(join(folder, file))),
    );
    expect(actual.equals(wanted), file).toBe(true);
  }
}

test('own_loop.ts goes on as if nothing had been between, bit for bit', async () => {
  const [whole, broken] = await folders();
  const lines = await printed('own_loop.ts', ['40', whole]);
  expect(lines).toHaveLength(4);
  expect(await printed('own_loop.ts', ['20', broken])).toEqual(lines.slice(0, 2));
  expect(await printed('own_loop.ts', ['40', broken])).toEqual(lines.slice(2));
  await expectSameFiles([whole, broken], 4);
});

test('interrupted.ts is stopped by SIGINT, and goes on as if nothing had been between, bit for bit', async () => {
  const [whole, broken] = await folders();
  const before = process.listeners('SIGINT');
  const own = () => process.listeners('SIGINT').filter((listener) => !before.includes(listener));
  const forget = () => own().forEach((listener) => process.off('SIGINT', listener));
  onTestFinished(forget);
  const lines = await printed('interrupted.ts', [whole]);
  forget();
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toMatch(/^best /);
  const interrupted = await printed('interrupted.ts', [broken], (line) => {
    if (line.startsWith('step 70 ')) own()[0]('SIGINT');
  });
  forget();
  expect(interrupted).toEqual(lines.slice(0, 7));
  const [killed] = await folders();
  const resumed = await printed('interrupted.ts', [broken], (line) => {
    // What a run that is killed here leaves: it was kept at step 80.
    if (line.startsWith('step 90 ')) cpSync(broken, killed, { recursive: true });
  });
  forget();
  expect(resumed).toEqual(lines.slice(7));
  await expectSameFiles([whole, broken], 2);
  expect(await printed('interrupted.ts', [killed])).toEqual(lines.slice(8));
  await expectSameFiles([whole, killed], 2);
});

test('lost.ts goes on from its checkpoint on another device, as docs/embedding.md shows', async () => {
  const opened: Device[] = [];
  vi.doMock('lethe', async (original) => {
    const lethe = await original<typeof Lethe>();
    const open = async () => {
      const device = await lethe.openDevice('cpu');
      opened.push(device);
      return device;
    };
    return { ...lethe, openDevice: open };
  });
  onTestFinished(() => vi.doUnmock('lethe'));
  const said = vi.spyOn(console, 'log').mockImplementation((...values) => {
    if (format(...values).startsWith('step 200')) opened[0].dispose();
  });
  onTestFinished(() => said.mockRestore());
  vi.resetModules();
  const path = '../../docs/examples/lost.ts';
  await import(/* @vite-ignore */ path);
  expect(said.mock.calls.map((values) => format(...values))).toEqual([
    'step 100 on cpu',
    'step 200 on cpu',
    'lost; back at step 200',
    'step 300 on cpu',
  ]);
  expect(opened).toHaveLength(2);
  const source = await readFile('docs/examples/lost.ts', 'utf8');
  expect(await readFile('docs/embedding.md', 'utf8')).toContain(source.trim());
});

test('ctc_train.ts learns to read, and prints what docs/ctc.md says', async () => {
  const [heard, rate] = (await printed('ctc_train.ts')).slice(-2);
  expect(heard).toMatch(/^heard (\w+) said \1$/);
  expect(Number(rate.split(' ').at(-1))).toBeLessThan(0.1);
  expect(await readFile('docs/ctc.md', 'utf8')).toContain(heard);
});

test('ctc_heard.ts tells labels and seconds', () => {
  const data = [0, 9, 0, 0, 9, 0, 9, 0, 0, 0, 0, 9]; // [time, classes]
  const found = heard({ shape: [4, 3], data }, 0.5);
  expect(found.map(({ label, from, to }) => [label, from, to])).toEqual([
    [1, 0, 1],
    [2, 1.5, 2],
  ]);
  // Of a batch, as the page has it below.
  const [frames, lengths] = [{ shape: [4, 1, 3], data }, [4]];
  const results = ctcBeamSearch(frames, { lengths });
  const [{ spans }] = ctcAlign(
    frames,
    results.map(([best]) => best.labels),
    { lengths },
  );
  expect(spans.map(({ start, end }) => 0.5 * (end - start))).toEqual([1, 0.5]);
});

test('attention.ts writes hypotheses, and where it looked', async () => {
  const lines = await printed('attention.ts');
  const looked = lines.filter((line) => line.includes('looked at'));
  expect(looked.length).toBeGreaterThan(1);
  for (const line of looked)
    expect(line).toMatch(/^\d+ looked at [01]\.\d\d [01]\.\d\d [01]\.\d\d$/);
  expect(looked.at(-1)).toMatch(/ 0\.00$/); // padding
  const scores = lines.slice(-5).map((line) => Number(/^score (\S+)/.exec(line)![1]));
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  // The best of the first source is what generate gave.
  expect(lines.at(-5)!.split(' ').slice(2)).toEqual(lines[0].split(/ (?:ended|cut)/)[0].split(' '));
});

test('seq2seq.ts learns, writes what it was asked and tells where it looked, as docs/tasks.md says', async () => {
  const [folder] = await folders();
  const lines = await printed('seq2seq.ts', [folder]);
  expect(lines.slice(6)).toEqual([
    'seven hundred forty two -> 742',
    ...['7 looked most at seven', '4 looked most at forty', '2 looked most at two'],
  ]);
  expect(await readdir(folder)).toEqual(['numbers.safetensors']);
});

test('recorded.ts learns by a step that is replayed', async () => {
  const losses = (await printed('recorded.ts')).map((line) => Number(line.split(' ').at(-1)));
  expect(losses).toHaveLength(3);
  expect(losses[0]).toBeLessThan(2);
  expect(losses[2]).toBeLessThan(0.2);
});

test('sensors.ts learns recordings with gaps, and keeps what the page needs', async () => {
  const [folder] = await folders();
  const [before, after] = (await printed('sensors.ts', [folder])).map((line) =>
    Number(line.split(' ')[1]),
  );
  expect(after).toBeLessThan(0.1 * before);
  const model = await readFile(join(folder, 'model.safetensors'));
  expect(decodeSafetensors(model).tensors.get('lstm.weight_ih_l0')!.shape).toEqual([128, 6]);
  const scaler = Scaler.fromJSON(JSON.parse(await readFile(join(folder, 'scaler.json'), 'utf8')));
  const [offset] = scaler.inverse([[0, 0, 0]]);
  expect(offset[0]).toBeCloseTo(10, 0);
});

test('the schedule of docs/pytorch.md rises, and falls', () => {
  expect([0, 3, 15].map(inverseRoot(4))).toEqual([0.25, 1, 0.5]);
});

test('one mask for all steps, as docs/pytorch.md has it', async () => {
  const dropout = new Dropout(0.5, new Generator(device, 1));
  const [x, mask] = [ones(device, [3, 2, 4]), ones(device, [1, 2, 4])];
  const dropped = Array.from(await mul(x, dropout.forward(mask)).data());
  const first = dropped.slice(0, 8);
  expect(new Set(first)).toEqual(new Set([0, 2]));
  expect(dropped).toEqual([...first, ...first, ...first]);
});

test('README opens the CPU with threads', async () => {
  const readme = await readFile('README.md', 'utf8');
  const code = /^```ts\n([^`]*threads: 4[^`]*)^```$/m.exec(readme)![1];
  const folder = resolve('.cache/docs');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'threads.ts'), `${code}export { device };\n`);
  const file = '../../.cache/docs/threads.ts';
  const { device: opened } = (await import(/* @vite-ignore */ file)) as { device: Device };
  onTestFinished(() => opened.dispose());
  expect(opened.kind).toBe('cpu');
});

test('docs/embedding.md shows draw.ts as it is, and it draws', async () => {
  const source = await readFile('docs/examples/draw.ts', 'utf8');
  expect(await readFile('docs/embedding.md', 'utf8')).toContain(source.trim());
  expect(await printed('draw.ts')).toEqual([expect.stringMatching(/^11 ids: 0( 1?\d){10}$/)]);
});

test('docs/adding-a-cell.md shows janet_layers.ts as it is, and what it prints', async () => {
  const page = await readFile('docs/adding-a-cell.md', 'utf8');
  const source = await readFile('docs/examples/janet_layers.ts', 'utf8');
  for (const text of [source.trim(), ...(await printed('janet_layers.ts'))]) {
    expect(page).toContain(text);
  }
});

test('docs/inside.md shows gradient_norms.ts as it is, and what it prints', async () => {
  const page = await readFile('docs/inside.md', 'utf8');
  const source = await readFile('docs/examples/gradient_norms.ts', 'utf8');
  expect(page).toContain(source.trim());
  expect(page).toContain((await printed('gradient_norms.ts')).join('\n'));
});

test('stateful.ts learns what needs the state of earlier windows, and docs/tasks.md tells what it prints', async () => {
  const lines = await printed('stateful.ts');
  const [carried, reset] = lines.map((line) => Number(/ ([\d.]+)$/.exec(line)![1]));
  expect(carried).toBeLessThan(reset / 4);
  const told = /^carried ([\d.]+)\nreset before each window ([\d.]+)$/m;
  const [, ...figures] = told.exec(await readFile('docs/tasks.md', 'utf8'))!;
  for (const [i, figure] of [carried, reset].entries()) {
    // An engine with relaxed SIMD rounds otherwise.
    expect(Math.abs(figure - Number(figures[i]))).toBeLessThan(0.3 * Number(figures[i]));
  }
});

test('the loss of pos_weight.ts is that of PyTorch', async () => {
  const logits = tensor(device, [2, 0, -1, 0.5, 1.5, 0, 1, 1, 1, -2, 0, 3], [4, 3]);
  const labels = tensor(device, [1, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1], [4, 3]);
  // F.binary_cross_entropy_with_logits(pos_weight=9) of PyTorch 1.13
  expect(await positives(logits, labels, 9).item()).toBeCloseTo(3.0651035, 6);
});
