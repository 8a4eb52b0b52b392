/** What units do on a text: traces, probes, the finder and the saturation of gates. */
import { describe, expect, test } from 'vitest';
import { Generator, IndexError, openDevice, ShapeError, tensor, TextError } from '../../src/index';
import type { Tensor } from '../../src/index';
import {
  findUnits,
  gateSaturation,
  GATES,
  memoryOf,
  PROBES,
  traceCells,
} from '../../src/inspect/index';
import type { LayerTrace, ProbeName } from '../../src/inspect/index';
import { sigmoid } from '../../src/kernels/math';
import { GRUCell } from '../../src/nn/index';
import { linear } from '../../src/ops/matmul';
import { Vocabulary } from '../../src/text/index';
import { CELLS, CharModel, CharTrainer, completeConfig } from '../../src/train/index';
import type { ModelConfig } from '../../src/train/index';
import { distance, rejected, thrown } from '../setup/nn_helpers';
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

interface Reference {
  h: number[];
  c: number[];
  /** [time, gates hidden] */
  gates: number[];
}

/** States and gates by the cells' own steps, for each layer. */
async function unrolled(model: CharModel, ids: Int32Array): Promise<Reference[]> {
  const layers: Reference[] = [];
  let inputs: Tensor[] = Array.from(ids, (id) =>
    model.embedding.forward(tensor(device, [id], [1], { dtype: 'i32' })),
  );
  for (const cell of model.rnn.cells) {
    const reference: Reference = { h: [], c: [], gates: [] };
    const outputs: Tensor[] = [];
    let state = cell.zeroState(1);
    for (const x of inputs) {
      const projected = cell.project(x);
      const bias = cell instanceof GRUCell ? cell.bias_hh : undefined;
      const [gx, gh] = await Promise.all([
        projected.data(),
        linear(state[0], cell.weight_hh, bias).data(),
      ]);
      reference.gates.push(
        ...Array.from(gx, (input, k) => {
          if (Math.floor(k / HIDDEN) !== 2) return sigmoid(input + gh[k]);
          const reset = cell instanceof GRUCell ? sigmoid(gx[k % HIDDEN] + gh[k % HIDDEN]) : 1;
          return Math.tanh(input + reset * gh[k]);
        }),
      );
      state = cell.step(projected, state);
      outputs.push(state[0]);
      reference.h.push(...(await state[0].data()));
      if (state[1]) reference.c.push(...(await state[1].data()));
    }
    layers.push(reference);
    inputs = outputs;
  }
  return layers;
}

/** Gates of a trace as the cells lay them out: [time, gates hidden]. */
function interleaved({ cell, gates, time, hidden }: LayerTrace): number[] {
  return Array.from({ length: time }, (_, t) =>
    GATES[cell].flatMap((gate) => Array.from(gates[gate]!.slice(t * hidden, (t + 1) * hidden))),
  ).flat();
}

describe.each(CELLS)('the trace of %s', (cell) => {
  test.each([
    ['an embedding read as a table', { embedding: 4 }, 40],
    ['an embedding of more rows than ids', { embedding: 4 }, 5],
    ['one-hot vectors', { embedding: 0 }, 40],
    ['one-hot vectors of few ids', { embedding: 0 }, 3],
    ['several windows', { embedding: 4 }, 1100],
    ['a single character', { embedding: 4 }, 1],
  ])('%s: the numbers of the unrolled cells', async (_, config, length) => {
    const model = makeModel({ cell, layers: 2, dropout: 0.5, ...config });
    const ids = idsOf(length);
    const traces = await traceCells(model, ids);
    const expected = await unrolled(model, ids);
    expect(traces.map(({ layer }) => layer)).toEqual([0, 1]);
    for (const [layer, trace] of traces.entries()) {
      const { h, c, gates } = expected[layer];
      expect(trace.time).toBe(length);
      expect(trace.hidden).toBe(HIDDEN);
      expect(distance(trace.h, h)).toBeLessThan(1e-5);
      expect(distance(trace.c ?? [], c)).toBeLessThan(1e-5);
      expect(distance(trace.tanhC ?? [], c.map(Math.tanh))).toBeLessThan(1e-5);
      if (cell !== 'rnn') expect(distance(interleaved(trace), gates)).toBeLessThan(1e-5);
      expect(Object.keys(trace.gates)).toEqual(GATES[cell]);
      expect(memoryOf(trace)).toBe(cell === 'lstm' ? trace.tanhC : trace.h);
    }
  });

  test('frees what it makes, and leaves the mode of the model', async () => {
    const model = makeModel({ cell, layers: 2, dropout: 0.5 });
    await traceCells(model, idsOf(700));
    const { liveTensors } = device.memory();
    const [first] = await traceCells(model, idsOf(700));
    expect(device.memory().liveTensors).toBe(liveTensors);
    expect(model.training).toBe(true);
    const [again] = await traceCells(model, idsOf(700));
    expect(again.h).toEqual(first.h);
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
    expect(i!.right[2]).toBeCloseTo(quotes / TEXT.length, 6);
    expect(i!.left[2]).toBeCloseTo(1 - quotes / TEXT.length, 6);
    expect([f!.left[2], f!.right[2], o!.right[2]]).toEqual([0, 1, 1]);
  });

  const trace = (columns: number[][], more: Partial<LayerTrace> = {}): LayerTrace => {
    const time = columns[0].length;
    const h = Float32Array.from({ length: time * columns.length }, (_, s) => {
      return columns[s % columns.length][Math.floor(s / columns.length)];
    });
    return { cell: 'gru', layer: 0, time, hidden: columns.length, h, gates: {}, ...more };
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
    ...{ cell: 'gru', layer: 0, time: 4, hidden: 2, h: new Float32Array(8) },
    gates: { r, z, n: new Float32Array(8) },
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
