/** Every cell of the registry, and every option of the LSTM: gradients, identities, and training. */
import { describe, expect, test } from 'vitest';

import { CellDefinition, defineCell } from '../../src/cell/definition';
import { equationsOf } from '../../src/cell/equations';
import { backward, openDevice, Random, tensor } from '../../src/index';
import type { Tensor } from '../../src/index';
import { traceCells } from '../../src/inspect/index';
import { partsOf } from '../../src/nn/cells/entry';
import { CELL_FACTS } from '../../src/nn/cells/facts';
import { lstmOf } from '../../src/nn/cells/lstm';
import type { LSTMVariant } from '../../src/nn/cells/lstm';
import { cellParameters } from '../../src/nn/cells/parameters';
import { CELLS } from '../../src/nn/cells/registry';
import { Embedding, Linear, LSTM, LSTMCell, Recurrent, RNN } from '../../src/nn/index';
import type { AnyRecurrent, Module } from '../../src/nn/index';
import { ArgumentError } from '../../src/errors';
import { Adam } from '../../src/optim/index';
import { linearCrossEntropy } from '../../src/ops/loss';
import { reshape } from '../../src/ops/movement';
import { scope } from '../../src/tensor/scope';
import { forgetBiasOf } from '../../src/train/config';
import {
  CELL_NAMES,
  CharTrainer,
  completeConfig,
  countParameters,
  loadModel,
  readCheckpoint,
  resumeTraining,
  saveCheckpoint,
} from '../../src/train/index';
import { distance, normalTensors, thrown, valuesOf } from '../setup/nn_helpers';
import { expectGradients } from '../setup/gradients';

const [TIME, BATCH, INPUT, HIDDEN] = [4, 2, 2, 3];

const device = await openDevice('cpu', { reference: true });
const f64 = () => ({ dtype: 'f64', random: new Random(3) }) as const;

const x0 = (x: Tensor): Tensor => reshape(x, x.shape.slice(1));

/** Vectors that start at a constant would hide an error: all of them random. */
async function stir(module: Module): Promise<void> {
  const random = new Random(11);
  for (const [, parameter] of module.namedParameters()) {
    if (parameter.shape.length > 1) continue;
    parameter.write(Float64Array.from({ length: parameter.size }, () => 0.7 * random.normal()));
  }
}

describe.each(CELL_NAMES)('%s', (name) => {
  const { kind } = CELLS[name];

  test.each([
    ['one layer', {}],
    ['two layers in two directions', { numLayers: 2, bidirectional: true }],
    ['without biases', { bias: false }],
    ['unrolled', { fused: false }],
  ])('gradients in f64, %s', async (_, options) => {
    const layer = new Recurrent(device, kind, INPUT, HIDDEN, { ...f64(), ...options });
    await stir(layer);
    const normal = normalTensors(device);
    const x = normal([TIME, BATCH, INPUT], true);
    const state = layer.zeroState(BATCH).map(({ shape }) => normal(shape, true));
    await expectGradients(() => {
      const { output, state: last } = layer.run(x, state, { lengths: [4, 2] });
      return [output, ...last];
    }, [x, ...state, ...layer.parameters()]);
  });

  test('its forward is a single step, that of a layer', async () => {
    const layer = new Recurrent(device, kind, INPUT, HIDDEN, f64());
    const [cell] = layer.cells;
    const normal = normalTensors(device);
    const x = normal([1, BATCH, INPUT]);
    const before = layer.zeroState(BATCH).map(({ shape }) => normal(shape));
    const given = before.map((part) => reshape(part, part.shape.slice(1)));
    const next = [cell.forward(x0(x), given.length === 1 ? given[0] : given)].flat();
    const { state } = layer.run(x, before);
    expect(next).toHaveLength(state.length);
    for (const [i, part] of next.entries()) {
      expect(distance(await part.data(), await state[i].data())).toBeLessThan(1e-12);
    }
    expect([cell.forward(x0(x))].flat()).toHaveLength(state.length);
  });

  test('a character model learns, and has as many parameters as are counted', async () => {
    const text = 'she sells sea shells by the sea shore. '.repeat(8);
    const config = { cell: name, hidden: 16, embedding: 6, layers: 2, batch: 4, seq: 12, lr: 0.01 };
    const trainer = new CharTrainer(await openDevice('cpu'), text, config);
    const losses: number[] = [];
    for (let step = 0; step < 40; step++) {
      await trainer.trainStep();
      losses.push((await trainer.report())!.loss);
    }
    expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]);
    expect(trainer.model.parameterCount()).toBe(countParameters(config, trainer.vocabulary.size));
    trainer.dispose();
  });

  test('a checkpoint is read, and the run goes on as it would have', async () => {
    const text = 'she sells sea shells by the sea shore. '.repeat(8);
    const config = { cell: name, hidden: 6, embedding: 0, layers: 2, batch: 4, seq: 12, steps: 9 };
    const cpu = await openDevice('cpu');
    const trainer = new CharTrainer(cpu, text, config);
    await trainer.trainStep();
    await trainer.report();
    const bytes = await saveCheckpoint(trainer);
    const resumed = resumeTraining(cpu, text, readCheckpoint(bytes));
    for (const each of [trainer, resumed]) await each.trainStep();
    expect((await resumed.report())!.loss).toBe((await trainer.report())!.loss);
    const { model } = loadModel(cpu, readCheckpoint(await saveCheckpoint(trainer)));
    expect(model.parameterCount()).toBe(trainer.model.parameterCount());
    cpu.dispose();
  });

  test('a forget bias, where there is a gate f', async () => {
    const { gates, recurrence } = partsOf(CELLS[name]);
    const at = gates.indexOf('f');
    expect(CELL_FACTS[name].forgets).toBe(at >= 0);
    const forgetBias = forgetBiasOf(name, 1);
    expect(forgetBias).toBe(at >= 0 ? 1 : null);
    expect(completeConfig({ cell: name, forgetBias }).forgetBias).toBe(forgetBias);
    const make = (options: object) => new Recurrent(device, kind, INPUT, HIDDEN, options);
    if (at < 0) {
      const message = thrown(ArgumentError, () => make({ forgetBias: 1 }));
      expect(message).toMatch(
        `is for a cell with a gate f; the gates here are ${gates.join(', ')}`,
      );
      return;
    }
    const { bias_ih_l0, bias_hh_l0 } = await valuesOf(make({ forgetBias: 2 }).namedParameters());
    const own = (values: number[]) => values.slice(at * HIDDEN, (at + 1) * HIDDEN);
    expect(own(bias_ih_l0)).toEqual(new Array(HIDDEN).fill(2));
    if (recurrence !== 'none') expect(own(bias_hh_l0)).toEqual(new Array(HIDDEN).fill(0));
    expect(thrown(ArgumentError, () => make({ forgetBias: 1, bias: false }))).toMatch(
      'bias is false',
    );
    expect(thrown(ArgumentError, () => make({ forgetBias: NaN }))).toMatch('forgetBias = NaN');
    // Open, the gate keeps what is carried.
    expect(await keptShare(make({ forgetBias: 4 }))).toBeGreaterThan(0.9);
    expect(await keptShare(make({ forgetBias: -4 }))).toBeLessThan(0.1);
  });
});

/** How much a small change of what a layer carries is felt a step later, over its units; 1 where it is kept. */
async function keptShare(layer: AnyRecurrent): Promise<number> {
  const after = async (value: number) => {
    const state = layer.zeroState(1);
    const { shape } = state.pop()!;
    const carried = tensor(device, new Float32Array(shape.at(-1)!).fill(value), shape);
    const x = tensor(device, new Float32Array(INPUT), [1, 1, INPUT]);
    const values = (await layer
      .run(x, [...state, carried])
      .state.at(-1)!
      .data()) as Float32Array;
    return values.reduce((sum, each) => sum + each, 0) / values.length;
  };
  const small = 0.01;
  return ((await after(small)) - (await after(-small))) / (2 * small);
}

test('an MGU keeps most of its state at first', async () => {
  const layer = new Recurrent(device, CELLS.mgu.kind, INPUT, 64, { random: new Random(1) });
  expect(await keptShare(layer)).toBeGreaterThan(0.5);
});

const VARIANTS: LSTMVariant[] = [
  { coupled: true, peephole: true },
  { inputGate: false },
  { forgetGate: false },
  { outputGate: false },
  { inputActivation: false },
  { outputActivation: false },
  { inputGate: false, forgetGate: false, outputGate: false },
  { coupled: true, outputGate: false, outputActivation: false },
  { peephole: true, inputGate: false, outputGate: false, inputActivation: false },
];

describe.each(VARIANTS)('an LSTM, %o', (variant) => {
  test('gradients in f64, also projected', async () => {
    for (const projSize of [0, 2]) {
      const layer = new LSTM(device, INPUT, HIDDEN, { ...f64(), ...variant, projSize });
      await stir(layer);
      const normal = normalTensors(device);
      const x = normal([TIME, BATCH, INPUT], true);
      const state = layer.zeroState(BATCH).map(({ shape }) => normal(shape, true)) as [
        Tensor,
        Tensor,
      ];
      await expectGradients(() => {
        const [y, [h, c]] = layer.forward(x, state);
        return [y, h, c];
      }, [x, ...state, ...layer.parameters()]);
    }
  });

  test('the rows of its gates alone', () => {
    const { gates } = lstmOf(variant);
    const cell = new LSTMCell(device, INPUT, HIDDEN, variant);
    expect(cell.weight_ih.shape).toEqual([gates.length * HIDDEN, INPUT]);
    expect(cell.definition).toBe(lstmOf({ ...variant }));
  });
});

/** The output and the last state of a module on the same input. */
async function run(
  layer: Recurrent<never, never, never>,
  input = normalTensors(device)([6, 3, INPUT]),
) {
  const { output, state } = (layer as unknown as Recurrent).run(input);
  return Promise.all([output, ...state].map(async (value) => [...(await value.data())]));
}

/** Writes rows of gates: each gets those of another, times a factor, plus a bias. */
async function writeGates(
  to: Module,
  from: Module,
  rows: readonly { from?: number; factor?: number; bias?: number }[],
): Promise<void> {
  const source = await valuesOf(from.namedParameters());
  for (const [name, parameter] of to.namedParameters()) {
    if (!/^(weight|bias)_(ih|hh)/.test(name)) continue;
    const size = parameter.size / rows.length;
    const values = rows.flatMap(({ from: row, factor = 1, bias = 0 }) =>
      Array.from({ length: size }, (_, i) => {
        const own = row === undefined ? 0 : factor * source[name][row * size + i];
        return own + (name.startsWith('bias_ih') ? bias : 0);
      }),
    );
    parameter.write(values);
  }
}

describe('variants are each other', () => {
  test('an LSTM with f = 0, i = 1 and o = 1 and no output activation is the RNN', async () => {
    const rnn = new RNN(device, INPUT, HIDDEN, f64());
    const lstm = new LSTM(device, INPUT, HIDDEN, { ...f64(), outputActivation: false });
    // exp(1000) is infinite, so that the gates are 0 and 1 exactly.
    await writeGates(lstm, rnn, [{ bias: 1000 }, { bias: -1000 }, { from: 0 }, { bias: 1000 }]);
    const [y, h] = await run(rnn as never);
    const [own, last, c] = await run(lstm as never);
    expect(own).toEqual(y);
    expect(last).toEqual(h);
    expect(c).toEqual(h);
  });

  test('so is one without those gates', async () => {
    const rnn = new RNN(device, INPUT, HIDDEN, f64());
    const options = { inputGate: false, outputGate: false, outputActivation: false } as const;
    const lstm = new LSTM(device, INPUT, HIDDEN, { ...f64(), ...options });
    await writeGates(lstm, rnn, [{ bias: -1000 }, { from: 0 }]);
    expect((await run(lstm as never))[0]).toEqual((await run(rnn as never))[0]);
  });

  test.each([{}, { peephole: true }])('coupled, %o: i = 1 - f', async (more) => {
    const coupled = new LSTM(device, INPUT, HIDDEN, { ...f64(), ...more, coupled: true });
    await stir(coupled);
    const full = new LSTM(device, INPUT, HIDDEN, { ...f64(), ...more });
    // 1 - sigmoid(x) is sigmoid(-x).
    await writeGates(full, coupled, [
      { from: 0, factor: -1 },
      { from: 0 },
      { from: 1 },
      { from: 2 },
    ]);
    if ('peephole' in more) {
      const vectors = await valuesOf(coupled.namedParameters());
      const into = new Map(full.namedParameters());
      into.get('weight_ci_l0')!.write(vectors.weight_cf_l0.map((value) => -value));
      into.get('weight_cf_l0')!.write(vectors.weight_cf_l0);
      into.get('weight_co_l0')!.write(vectors.weight_co_l0);
    }
    const [expected, actual] = [await run(coupled as never), await run(full as never)];
    for (const [i, values] of expected.entries()) {
      expect(distance(actual[i], values)).toBeLessThan(1e-14);
    }
  });

  test('peepholes start at zero: the LSTM', async () => {
    const peephole = new LSTM(device, INPUT, HIDDEN, { ...f64(), peephole: true });
    const lstm = new LSTM(device, INPUT, HIDDEN, f64());
    expect(await run(peephole as never)).toEqual(await run(lstm as never));
    const vectors = (await valuesOf(peephole.namedParameters())) as Record<string, number[]>;
    for (const gate of ['i', 'f', 'o']) {
      expect(vectors[`weight_c${gate}_l0`]).toEqual(new Array(HIDDEN).fill(0));
    }
  });

  test('a gate that is 1 is no gate', async () => {
    const full = new LSTM(device, INPUT, HIDDEN, f64());
    const rows = [{ from: 0 }, { from: 1 }, { from: 2 }, { from: 3 }];
    for (const [i, option] of (
      ['inputGate', 'forgetGate', undefined, 'outputGate'] as const
    ).entries()) {
      if (option === undefined) continue;
      const less = new LSTM(device, INPUT, HIDDEN, { ...f64(), [option]: false });
      const pinned = new LSTM(device, INPUT, HIDDEN, f64());
      await writeGates(less, full, rows.toSpliced(i, 1));
      await writeGates(pinned, full, rows.toSpliced(i, 1, { bias: 1000 } as never));
      expect(await run(less as never)).toEqual(await run(pinned as never));
    }
  });
});

test.each<[LSTMVariant | object, RegExp]>([
  [{ coupled: true, inputGate: false }, /coupled = true and inputGate = false; .*leave out one/],
  [{ coupled: true, forgetGate: false }, /coupled = true and forgetGate = false; .*1 - f/],
  [
    { peephole: true, inputGate: false, forgetGate: false, outputGate: false },
    /peephole = true, and there is no gate to see the cell state/,
  ],
  [{ peephole: 1 }, /peephole = 1; true or false is needed/],
  [{ peepholes: true }, /did you mean peephole\?/],
  [{ forgetGate: false, forgetBias: 1 }, /forgetBias = 1 is for a cell with a gate f; .*i, g, o/],
])('LSTM options %o are refused', (options, message) => {
  for (const make of [
    () => new LSTM(device, 2, 3, options),
    () => new LSTMCell(device, 2, 3, options),
  ]) {
    expect(thrown(ArgumentError, make)).toMatch(message);
  }
});

describe('the GRU with the reset gate before the product', () => {
  test('a step is what its equations say', async () => {
    const { kind } = CELLS['gru-reset-before'];
    const cell = kind.create(device, INPUT, HIDDEN, f64());
    const normal = normalTensors(device);
    const [x, h] = [normal([1, INPUT]), normal([1, HIDDEN])];
    const [next] = cell.step(cell.project(x), [h]);
    const { weight_ih, weight_hh, bias_ih, bias_hh } = await valuesOf(cell.namedParameters());
    const [xs, hs] = [await x.data(), await h.data()];
    const gate = (row: number, state: ArrayLike<number>): number => {
      let value = bias_ih[row] + bias_hh[row];
      for (let k = 0; k < INPUT; k++) value += weight_ih[row * INPUT + k] * xs[k];
      for (let k = 0; k < HIDDEN; k++) value += weight_hh[row * HIDDEN + k] * state[k];
      return value;
    };
    const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
    const rh = Array.from(hs, (value, j) => sigmoid(gate(j, hs)) * value);
    const expected = Array.from(hs, (value, j) => {
      const z = sigmoid(gate(HIDDEN + j, hs));
      return (1 - z) * Math.tanh(gate(2 * HIDDEN + j, rh)) + z * value;
    });
    expect(distance(await next.data(), expected)).toBeLessThan(1e-14);
  });
});

describe('equations are written from the step', () => {
  test('of a cell with gates, vectors, and a state that others read', () => {
    expect(equationsOf(lstmOf({ peephole: true, coupled: true }))).toEqual([
      'f = sigmoid(W_f x + U_f h + b_f + weight_cf * c)',
      'g = tanh(W_g x + U_g h + b_g)',
      "o = sigmoid(W_o x + U_o h + b_o + weight_co * c')",
      "c' = f * c + (1 - f) * g",
      "h' = o * tanh(c')",
    ]);
  });

  test('with brackets where they are needed', () => {
    const cell = defineCell({
      name: 'brackets',
      gates: ['a', 'b'],
      apart: ['b'],
      state: ['h', 'p'],
      step: (m, z, s) => ({
        h: m.sub(m.neg(z.a), m.sub(m.div(2, m.mul(z.b, s.p)), m.max(z.hb, m.add(s.h, 1)))),
        p: s.p,
      }),
    });
    expect(equationsOf(cell)).toEqual([
      "p' = p",
      "h' = -(W_a x + U_a h + b_a) - (2 / ((W_b x + b_b) * p) - max(U_b h + b_hb, h + 1))",
    ]);
  });
});

test("a cell of a user's own trains, is traced and is counted", async () => {
  const own = defineCell({
    name: 'leaky',
    gates: ['z', 'n'],
    state: ['h', 'e'],
    vectors: { decay: 0.5 },
    step(m, z, s, v) {
      const open = m.sigmoid(z.z);
      const e = m.add(m.mul(v.decay, s.e), m.mul(open, m.tanh(z.n)));
      return { h: m.tanh(e), e };
    },
  });
  const cpu = await openDevice('cpu');
  const random = new Random(2);
  const model = {
    embedding: new Embedding(cpu, 5, 6, { random }),
    rnn: new Recurrent(cpu, own, 6, 8, { random, numLayers: 2 }),
    decoder: new Linear(cpu, 8, 5, { random }),
  };
  const table = [6, 8].flatMap((inputSize) =>
    cellParameters(
      own.spec,
      { inputSize, hiddenSize: 8, projSize: 0 },
      {
        bias: true,
        recurrentInit: 'uniform',
      },
    ),
  );
  const count = table.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);
  expect(model.rnn.parameterCount()).toBe(count);
  expect(count).toBe(2 * 8 * (6 + 8 + 2) + 8 + (2 * 8 * (8 + 8 + 2) + 8));

  const optimizer = new Adam(model.rnn.namedParameters(), { lr: 0.02 });
  const ids = Int32Array.from({ length: 41 }, (_, t) => (t * t) % 5);
  const loss = (): Tensor => {
    const x = tensor(cpu, ids.slice(0, 40), [20, 2], { dtype: 'i32' });
    const labels = tensor(cpu, ids.slice(1), [40], { dtype: 'i32' });
    const { output } = model.rnn.run(model.embedding.asInput(x));
    const { weight, bias } = model.decoder;
    return linearCrossEntropy(reshape(output, [40, 8]), weight, bias, labels);
  };
  const losses: number[] = [];
  for (let step = 0; step < 30; step++) {
    const value = scope(() => {
      const made = loss();
      backward(made);
      return made;
    });
    optimizer.step();
    for (const module of Object.values(model)) module.zeroGrad();
    losses.push(await value.item());
  }
  expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]);

  const [lower, upper] = await traceCells(model, ids);
  expect([lower.cell, ...Object.keys(lower.gates)]).toEqual(['leaky', 'z', 'n']);
  expect([Object.keys(upper.states), upper.opening]).toEqual([['h', 'e'], ['z']]);
  expect(distance(upper.states.h, upper.states.e.map(Math.tanh))).toBeLessThan(1e-6);
  // From the trace itself: e' is made of the gates.
  const decay = await model.rnn.cells[1].vectors.decay.data();
  const rebuilt = upper.states.e.map((_, at) => {
    const before = at < 8 ? 0 : upper.states.e[at - 8];
    return decay[at % 8] * before + upper.gates.z[at] * upper.gates.n[at];
  });
  expect(distance(upper.states.e, rebuilt)).toBeLessThan(1e-6);
});

test('the registry tells all of each cell', () => {
  for (const [name, entry] of Object.entries(CELLS)) {
    expect(entry.label.length * entry.source.length * entry.use.length, name).toBeGreaterThan(0);
    const lines = 'equations' in entry ? entry.equations : equationsOf(entry.kind);
    const { state } = partsOf(entry);
    for (const part of state)
      expect(lines.some((line) => line.startsWith(`${part}' =`))).toBe(true);
    expect(entry.kind instanceof CellDefinition).toBe(!('equations' in entry));
  }
});
