/** The cells of docs/adding-a-cell.md work as they stand. */
import { readFile } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { janet } from '../../docs/examples/janet';
import { leaky } from '../../docs/examples/leaky';
import { mguResetBefore } from '../../docs/examples/mgu_reset_before';
import { backward, gradcheck, mul, openDevice, Random, sum } from '../../src/index';
import { traceCells } from '../../src/inspect/index';
import { CellDefinition, Embedding, Linear, Recurrent } from '../../src/nn/index';
import { Adam } from '../../src/optim/index';
import { scope } from '../../src/tensor/scope';
import { normalTensors } from '../setup/nn_helpers';

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
    await gradcheck(() => {
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
    expect(page).toContain(source.slice(source.indexOf('/**')).trim());
  });
});
