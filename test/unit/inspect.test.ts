/** What units do on a text: traces, probes, the finder and the saturation of gates. */
import { describe, expect, test } from 'vitest';
import { ArgumentError, Generator, IndexError, openDevice, ShapeError } from '../../src/index';
import { tensor, TextError } from '../../src/index';
import type { Tensor } from '../../src/index';
import { findUnits, gateSaturation, gradientFlow, memoryOf } from '../../src/inspect/index';
import { PROBES, traceCells } from '../../src/inspect/index';
import type { CharParts, LayerTrace, ProbeName } from '../../src/inspect/index';
import { Embedding, Linear, LSTM, ScanCell } from '../../src/nn/index';
import { Vocabulary } from '../../src/text/index';
import { CELL_NAMES, CharModel, CharTrainer, completeConfig } from '../../src/train/index';
import type { CellName, ModelConfig } from '../../src/train/index';
import { CellDefinition } from '../../src/cell/definition';
import { CELLS } from '../../src/nn/cells/registry';
import { distance, rejected, thrown, valuesOf } from '../setup/nn_helpers';
import type { Values } from '../setup/nn_helpers';
import { plantQuotes, QUOTES } from '../setup/planted';

const device = await openDevice('cpu', { reference: true });

const HIDDEN = 6;
const VOCABULARY = 9;

const TEXT = 'He said "good day" and left.\nShe said "no", then "yes, of course" (twice).\n'.repeat(
  4,
);

function makeModel(config: Partial<ModelConfig>, vocabulary = VOCABULARY): CharModel {
  const complete = completeConfig({ hidden: HIDDEN, ...config });
  return new CharModel(device, vocabulary, complete, 5, new Generator(device, 1));
}

function idsOf(length: number): Int32Array {
  return Int32Array.from({ length }, (_, t) => (t * t + (t >> 2)) % VOCABULARY);
}

/** States by the cells' own steps, for each layer: by name, [time, hidden]. */
async function unrolled(model: CharModel, ids: Int32Array): Promise<Values[]> {
  const layers: Values[] = [];
  let inputs: Tensor[] = Array.from(ids, (id) =>
    model.embedding.forward(tensor(device, [id], [1], { dtype: 'i32' })),
  );
  for (const cell of model.rnn.cells) {
    const states: Values = Object.fromEntries(cell.stateNames.map((name) => [name, []]));
    const outputs: Tensor[] = [];
    let state = cell.zeroState(1);
    for (const x of inputs) {
      state = cell.step(cell.project(x), state);
      outputs.push(state[0]);
      for (const [i, name] of cell.stateNames.entries()) {
        states[name].push(...(await state[i].data()));
      }
    }
    layers.push(states);
    inputs = outputs;
  }
  return layers;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * What the gates are, by hand: pre-activations from the states before by plain sums, and the squashing of
 * each cell as its equations are written. `of` gives the sum of a gate, without or with its vector.
 */
const BY_HAND: Partial<
  Record<CellName, Record<string, (z: (gate: string) => number, s: Sight) => number>>
> = {
  lstm: {
    i: (z) => sigmoid(z('i')),
    f: (z) => sigmoid(z('f')),
    g: (z) => Math.tanh(z('g')),
    o: (z) => sigmoid(z('o')),
  },
  gru: {
    r: (z) => sigmoid(z('r')),
    z: (z) => sigmoid(z('z')),
    n: (z) => Math.tanh(z('n') + sigmoid(z('r')) * z('hn')),
  },
  peephole: {
    i: (z, { v, before }) => sigmoid(z('i') + v('weight_ci') * before('c')),
    f: (z, { v, before }) => sigmoid(z('f') + v('weight_cf') * before('c')),
    g: (z) => Math.tanh(z('g')),
    o: (z, { v, after }) => sigmoid(z('o') + v('weight_co') * after('c')),
  },
  niaf: { g: (z) => z('g') },
  cifg: { f: (z) => sigmoid(z('f')) },
  mgu: { z: (z) => sigmoid(z('z')) },
};

/** A unit's own numbers at a step. */
interface Sight {
  readonly v: (vector: string) => number;
  readonly before: (state: string) => number;
  readonly after: (state: string) => number;
}

/** The gates of the lowest layer of a trace, by hand. */
async function gatesByHand(
  model: CharModel,
  ids: Int32Array,
  cell: CellName,
  states: Values,
): Promise<Values> {
  const [layer] = model.rnn.cells;
  if (!(layer instanceof ScanCell)) return {};
  const H = layer.hiddenSize;
  const read = async (x: Tensor | undefined) => (x ? [...(await x.data())] : []);
  const [Wx, U, bh] = [
    await read(
      layer.project(model.embedding.forward(tensor(device, ids, [ids.length], { dtype: 'i32' }))),
    ),
    await read(layer.weight_hh),
    layer.definition.biased ? await read(layer.bias_hh) : [],
  ];
  const vectors = await valuesOf(Object.entries(layer.vectors));
  const { gates, spec } = layer.definition;
  const result: Values = {};
  for (const [name, value] of Object.entries(BY_HAND[cell] ?? {})) {
    result[name] = Array.from({ length: ids.length * H }, (_, at) => {
      const [t, j] = [Math.floor(at / H), at % H];
      const z = (gate: string): number => {
        const own = gates.indexOf(gate.replace(/^h(?=.)/, ''));
        let recurrent = bh[own * H + j] ?? 0;
        for (let k = 0; k < H && t > 0; k++) {
          recurrent += U[(own * H + j) * H + k] * states.h[(t - 1) * H + k];
        }
        if (gate !== gates[own]) return recurrent;
        const input = Wx[(t * gates.length + own) * H + j];
        return (spec.apart ?? []).includes(gate) ? input : input + recurrent;
      };
      return value(z, {
        v: (vector) => vectors[vector][j],
        before: (state) => (t > 0 ? states[state][at - H] : 0),
        after: (state) => states[state][at],
      });
    });
  }
  return result;
}

/** Weights at random, vectors too, so that every gate differs. */
async function stir(model: CharModel): Promise<void> {
  for (const cell of model.rnn.cells) {
    for (const vector of Object.values(cell.vectors)) {
      vector.write(Float32Array.from({ length: vector.size }, (_, i) => 0.8 * Math.cos(2 * i + 1)));
    }
  }
}

describe.each(CELL_NAMES)('the trace of %s', (cell) => {
  test.each([
    ['an embedding read as a table', { embedding: 4 }, 40],
    ['an embedding of more rows than ids', { embedding: 4 }, 5],
    ['one-hot vectors', { embedding: 0 }, 40],
    ['one-hot vectors of few ids', { embedding: 0 }, 3],
    ['several windows', { embedding: 4 }, 1100],
    ['a single character', { embedding: 4 }, 1],
  ])('%s: the numbers of the unrolled cells', async (_, config, length) => {
    const model = makeModel({ cell, layers: 2, dropout: 0.5, ...config });
    await stir(model);
    const ids = idsOf(length);
    const traces = await traceCells(model, ids);
    const expected = await unrolled(model, ids);
    expect(traces.map(({ layer }) => layer)).toEqual([0, 1]);
    for (const [layer, trace] of traces.entries()) {
      expect(trace.time).toBe(length);
      expect(trace.hidden).toBe(HIDDEN);
      expect(Object.keys(trace.states)).toEqual(Object.keys(expected[layer]));
      for (const [name, values] of Object.entries(expected[layer])) {
        // What nothing is forgotten of grows.
        const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        expect(distance(trace.states[name], values) / size, name).toBeLessThan(1e-5);
      }
      const { h, c } = trace.states as { h: Float32Array; c?: Float32Array };
      expect(memoryOf(trace)).toEqual(c?.map(Math.tanh) ?? h);
    }
    const gates = await gatesByHand(model, ids, cell, expected[0]);
    for (const [name, values] of Object.entries(gates)) {
      expect(distance(traces[0].gates[name], values), name).toBeLessThan(1e-5);
    }
  });

  test('its gates are those of the equations', async () => {
    const [trace] = await traceCells(makeModel({ cell }), idsOf(3));
    const { kind } = CELLS[cell];
    const gates = kind instanceof CellDefinition ? kind.gates : [];
    // Of the RNN and the IndRNN, h is the output itself.
    const own = gates.filter((gate) => gate !== 'h');
    expect(Object.keys(trace.gates)).toEqual(own);
    expect(trace.opening).toEqual(own.filter((gate) => 'ifozr'.includes(gate)));
  });

  test('frees what it makes, and leaves the mode of the model', async () => {
    const model = makeModel({ cell, layers: 2, dropout: 0.5 });
    await traceCells(model, idsOf(700));
    const { liveTensors } = device.memory();
    const [first] = await traceCells(model, idsOf(700));
    expect(device.memory().liveTensors).toBe(liveTensors);
    expect(model.training).toBe(true);
    const [again] = await traceCells(model, idsOf(700));
    expect(again.states.h).toEqual(first.states.h);
  });
});

test('a look between two steps leaves training as it was', async () => {
  const text = TEXT.repeat(2);
  const losses = await Promise.all(
    [false, true].map(async (looking) => {
      const config = { hidden: 8, embedding: 4, batch: 2, seq: 10, layers: 2, dropout: 0.2 };
      const trainer = new CharTrainer(await openDevice('cpu'), text, config);
      const all: number[] = [];
      for (let step = 0; step < 6; step++) {
        await trainer.trainStep();
        if (looking) await traceCells(trainer.model, trainer.vocabulary.encode(TEXT));
        all.push((await trainer.report())!.loss);
      }
      return all;
    }),
  );
  expect(losses[1]).toEqual(losses[0]);
});

test('ids that cannot be traced', async () => {
  const model = makeModel({});
  expect(await rejected(TextError, traceCells(model, []))).toMatch(/at least one character/);
  const message = await rejected(IndexError, traceCells(model, [0, 1, 9]));
  expect(message).toBe(
    'traceCells: id 9 at position 2 is outside a vocabulary of 9 characters (ids 0 to 8)',
  );
  const { embedding, rnn: lstm, decoder } = model;
  const other = { embedding, lstm, decoder } as unknown as CharParts;
  expect(await rejected(ArgumentError, traceCells(other, [0]))).toMatch(/model\.rnn = undefined/);
  expect(await traceCells({ embedding, rnn: lstm, decoder }, [0])).toHaveLength(1);
});

test('a layer of two directions is refused, also where its cells would fit each other', async () => {
  const device = await openDevice('cpu');
  const embedding = new Embedding(device, 5, 4);
  const rnn = new LSTM(device, 4, 4, { bidirectional: true });
  const parts = { embedding, rnn, decoder: new Linear(device, 8, 5) };
  const window = { inputs: Int32Array.of(1), targets: Int32Array.of(2), seq: 1, batch: 1 };
  for (const call of [traceCells(parts, [0]), gradientFlow(parts, window)]) {
    expect(await rejected(ArgumentError, call)).toMatch(/rnn is bidirectional/);
  }
  device.dispose();
});

describe('probes', () => {
  const show = (probe: ProbeName, text: string): string => PROBES[probe](text).join('');

  test.each<[ProbeName, string, string]>([
    ['linePosition', 'ab\nc\n\nd', '1201001'],
    ['newline', 'a\n\nb', '0110'],
    ['quotes', 'a "b" c', '0011000'],
    ['quotes', '“b”c', '1100'],
    ['quotes', '"a\nb\n \nc"d', '1111110011'],
    ['quotes', '"a\\"b"c', '1111100'],
    ['quotes', `'"'a`, '0000'],
    // A backslash that is escaped escapes nothing.
    ['quotes', 's="a\\\\";b', '001111000'],
    ['quotes', '"a\\\\\\"b"c', '111111100'],
    ['parentheses', 'a(b(c)d)e', '011111100'],
    ['parentheses', ':) (a', '00011'],
    ['parentheses', '(a\n\nb', '11100'],
    ['brackets', '[a]b(', '11000'],
    ['braces', '{\n\n}a', '11100'],
    ['depth', '([{}])a', '1232100'],
    ['depth', '([)]', '1200'],
    ['depth', '{(\n\n}', '12210'],
    ['comments', 'a//b\nc', '001100'],
    ['comments', '/*a*/b', '011100'],
    ['comments', '/*/a*/b', '0111100'],
    ['comments', '/**/b', '01100'],
    ['comments', '"//"a', '00000'],
    ['comments', `'"';//a`, '0000011'],
    ['comments', `'\\"';//a`, '00000011'],
    ['comments', '"a\\\\";//', '00000001'],
    ['comments', '"\\"//"', '000000'],
    ['comments', 'x://a', '00000'],
    ['ifCondition', 'if (a(b)) c', '00011111000'],
    ['ifCondition', 'elif(a)', '0000000'],
    ['ifCondition', 'if a (b)', '00000000'],
    ['ifCondition', '\tif(a\n\nb', '00011100'],
    ['word', 'a b_1-é', '1011101'],
    ['wordLength', 'ab c_1-é', '12012301'],
    ['consonants', 'strEngth yes-ñ', '12301234000101'],
    ['capitalWord', 'Ab aB C1', '11000011'],
    ['sentenceStart', 'a. "B c?!\nd', '01110001110'],
    ['indentation', ' \ta b\n  c\n\nd', '122220122000'],
    ['capital', 'aBÉ', '011'],
    // A character of two code units is one.
    ['linePosition', '😀a', '12'],
  ])('%s of %j', (probe, text, expected) => {
    expect(show(probe, text)).toBe(expected);
  });

  test.each(Object.keys(PROBES) as ProbeName[])('%s of an empty text is empty', (probe) => {
    expect(PROBES[probe]('')).toHaveLength(0);
  });
});

/** A model with a unit that was made to follow quotes. */
async function planted(vocabulary: Vocabulary): Promise<CharModel> {
  const model = makeModel(QUOTES, vocabulary.size);
  await plantQuotes(model, vocabulary);
  return model;
}

describe('the finder', () => {
  test('finds the unit that was made to follow quotes', async () => {
    const vocabulary = Vocabulary.fromText(TEXT);
    const traces = await traceCells(await planted(vocabulary), vocabulary.encode(TEXT));
    const found = findUnits(traces, PROBES.quotes(TEXT));
    expect(found).toHaveLength(8);
    expect(found[0]).toMatchObject({ layer: 1, unit: 2 });
    expect(found[0].correlation).toBeGreaterThan(0.999);
    expect(Math.abs(found[1].correlation)).toBeLessThan(0.8);
    for (const [i, { correlation }] of found.slice(1).entries()) {
      expect(Math.abs(correlation)).toBeLessThanOrEqual(Math.abs(found[i].correlation));
    }
    // Its input gate opens at quotes alone, its forget gate never shuts.
    const { i, f, o } = gateSaturation(traces[1]);
    const quotes = Array.from(TEXT).filter((character) => character === '"').length;
    expect(i.right[2]).toBeCloseTo(quotes / TEXT.length, 6);
    expect(i.left[2]).toBeCloseTo(1 - quotes / TEXT.length, 6);
    expect([f.left[2], f.right[2], o.right[2]]).toEqual([0, 1, 1]);
  });

  const trace = (columns: number[][], more: Partial<LayerTrace> = {}): LayerTrace => {
    const time = columns[0].length;
    const h = Float32Array.from({ length: time * columns.length }, (_, s) => {
      return columns[s % columns.length][Math.floor(s / columns.length)];
    });
    const own = { cell: 'gru', layer: 0, time, hidden: columns.length, states: { h } };
    return { ...own, gates: {}, opening: [], ...more };
  };

  test('ranks by strength, whatever the sign, over all layers', () => {
    const probe = [0, 1, 2, 3];
    const lower = trace([
      [0.1, 0.1, 0.1, 0.1],
      [1, -1, -1, 1],
    ]);
    const upper = trace(
      [
        [3, 2, 1, 0],
        [0, 1, 2, 2],
      ],
      { layer: 1 },
    );
    const found = findUnits([lower, upper], probe);
    expect(found.map(({ layer, unit }) => [layer, unit])).toEqual([
      [1, 0],
      [1, 1],
      [0, 0],
      [0, 1],
    ]);
    expect(found[0].correlation).toBeCloseTo(-1, 12);
    // Covariance 3.5 of deviations with squares 5 and 2.75.
    expect(found[1].correlation).toBeCloseTo(3.5 / Math.sqrt(5 * 2.75), 6);
    expect(found[2].correlation).toBe(0);
    expect(found[3].correlation).toBe(0);
    expect(findUnits([upper], [0.3, 0.3, 0.3, 0.3])[0].correlation).toBe(0);
  });

  test('a unit or a probe with NaN or infinity follows nothing', () => {
    const columns = [
      [0, NaN, 2, 3],
      [0, 1, Infinity, 3],
      [0, 1, 2, 3],
    ];
    const found = findUnits([trace(columns)], [3, 2, 1, 0]);
    expect(found.map(({ unit, correlation }) => [unit, correlation])).toEqual([
      [2, -1],
      [0, 0],
      [1, 0],
    ]);
    for (const wrong of [NaN, Infinity]) {
      const correlations = findUnits([trace(columns)], [0, 1, wrong, 3]).map(
        (one) => one.correlation,
      );
      expect(correlations).toEqual([0, 0, 0]);
    }
  });

  test('refuses a probe of another length', () => {
    const message = thrown(ShapeError, () => findUnits([trace([[1, 2]])], [1]));
    expect(message).toMatch(/probe has 1 values, the trace 2/);
  });
});

test('saturation counts what is below 0.1 and above 0.9, of each gate and unit', () => {
  // [time 4, hidden 2]
  const r = Float32Array.of(0.05, 0.5, 0.09, 0.95, 0.95, 0.91, 0.1, 0.89);
  const z = Float32Array.of(0.5, 0, 0.5, 0, 0.5, 0, 0.5, 1);
  const saturation = gateSaturation({
    ...{ cell: 'gru', layer: 0, time: 4, hidden: 2, states: { h: new Float32Array(8) } },
    gates: { r, z, n: new Float32Array(8) },
    opening: ['r', 'z'],
  });
  expect(Object.keys(saturation)).toEqual(['r', 'z']);
  expect(saturation.r).toEqual({
    left: Float32Array.of(0.5, 0),
    right: Float32Array.of(0.25, 0.5),
  });
  expect(saturation.z).toEqual({ left: Float32Array.of(0, 0.75), right: Float32Array.of(0, 0.25) });
});

test('a plain RNN has no gates', async () => {
  const [trace] = await traceCells(makeModel({ cell: 'rnn' }), idsOf(5));
  expect(trace.gates).toEqual({});
  expect(gateSaturation(trace)).toEqual({});
});
