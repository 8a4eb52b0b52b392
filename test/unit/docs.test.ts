/** The programs and cells of docs/examples work as the pages show them. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { janet } from '../../docs/examples/janet';
import { leaky } from '../../docs/examples/leaky';
import { mguResetBefore } from '../../docs/examples/mgu_reset_before';
import { backward, mul, openDevice, Random, sum } from '../../src/index';
import type * as Lethe from '../../src/index';
import type { Device } from '../../src/index';
import { traceCells } from '../../src/inspect/index';
import { CellDefinition, Embedding, Linear, Recurrent } from '../../src/nn/index';
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

test.each(['ctc_train.ts', 'ctc_reader.ts', 'ctc_worker.ts'])(
  'docs/ctc.md shows %s as it is',
  async (file) => {
    const [page, source] = await Promise.all(
      ['ctc.md', `examples/${file}`].map((path) => readFile(`docs/${path}`, 'utf8')),
    );
    expect(page).toContain(`(examples/${file})`);
    expect(page).toContain(source.trim());
  },
);

/** What a program of docs/examples prints, with these arguments. */
async function printed(file: string, ...given: string[]): Promise<string[]> {
  vi.resetModules();
  const { argv } = process;
  process.argv = [...argv.slice(0, 2), ...given];
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const path = `../../docs/examples/${file}`;
  try {
    await import(/* @vite-ignore */ path);
    return log.mock.calls.map((values) => format(...values));
  } finally {
    log.mockRestore();
    process.argv = argv;
  }
}

test('own_loop.ts goes on as if nothing had been between, bit for bit', async () => {
  const [whole, broken] = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'lethe-'))));
  onTestFinished(async () => {
    for (const folder of [whole, broken]) await rm(folder, { recursive: true });
  });
  const lines = await printed('own_loop.ts', '40', whole);
  expect(lines).toHaveLength(4);
  expect(await printed('own_loop.ts', '20', broken)).toEqual(lines.slice(0, 2));
  expect(await printed('own_loop.ts', '40', broken)).toEqual(lines.slice(2));
  const files = await readdir(whole);
  expect(files).toHaveLength(4);
  for (const file of files) {
    const [wanted, actual] = await Promise.all(
      [whole, broken].map((folder) => readFile(join(folder, file))),
    );
    expect(actual.equals(wanted), file).toBe(true);
  }
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
