/** Encoder and decoder: values against steps by hand, gradients, and a task learnt to the last symbol. */
import { beforeEach, describe, expect, test } from 'vitest';

import {
  ArgumentError,
  backward,
  cat,
  crossEntropy,
  detach,
  dispose,
  DTypeError,
  Generator,
  IndexError,
  openDevice,
  Random,
  reshape,
  scope,
  ShapeError,
  slice,
  tensor,
} from '../../src/index';
import type { Device, DType, Tensor } from '../../src/index';
import { Decoder, Encoder, EncoderDecoder } from '../../src/nn/index';
import type { DecoderOptions, EncoderOptions } from '../../src/nn/index';
import { Adam } from '../../src/optim/index';
import { distance, rejected, thrown } from '../setup/nn_helpers';
import { expectGradients } from '../setup/gradients';

const [SOURCE, TARGET, BATCH] = [4, 3, 2];
const [WORDS, OTHERS, WIDTH, HIDDEN] = [7, 5, 2, 3];

let device: Device;
beforeEach(async () => {
  device = await openDevice('cpu');
});

const ids = (values: readonly number[], shape: readonly number[]): Tensor =>
  tensor(device, values, shape, { dtype: 'i32' });

function make(
  ofEncoder: EncoderOptions = {},
  ofDecoder: DecoderOptions = {},
  dtype: DType = 'f64',
): EncoderDecoder {
  const init = { random: new Random(4), dtype };
  const encoder = new Encoder(device, WORDS, WIDTH, HIDDEN, { ...init, ...ofEncoder });
  const decoder = new Decoder(device, OTHERS, WIDTH, HIDDEN, {
    ...init,
    ...(ofDecoder.attention && { keySize: encoder.outputSize }),
    ...ofDecoder,
  });
  return new EncoderDecoder(encoder, decoder, init.random);
}

const source = (): Tensor => ids([1, 2, 3, 4, 5, 6, 0, 1], [SOURCE, BATCH]);
const target = (): Tensor => ids([0, 0, 3, 1, 2, 4], [TARGET, BATCH]);
const mask = (dtype: DType = 'f64'): Tensor =>
  tensor(device, [1, 1, 1, 1, 1, 0, 1, 0], [SOURCE, BATCH], { dtype });

type Case = [title: string, EncoderOptions, DecoderOptions];
const CASES: readonly Case[] = [
  ['no attention', {}, {}],
  [
    'no attention, LSTM, two layers',
    { cell: 'lstm', numLayers: 2 },
    { cell: 'lstm', numLayers: 2 },
  ],
  ['dot', { cell: 'lstm' }, { cell: 'lstm', attention: 'dot' }],
  [
    'general, two layers, bidirectional',
    { bidirectional: true, numLayers: 2 },
    { attention: 'general', numLayers: 2 },
  ],
  ['additive', { bidirectional: true }, { attention: 'additive' }],
  [
    'additive after the cell',
    { cell: 'rnn' },
    { cell: 'rnn', attention: 'additive', feedContext: false },
  ],
  [
    'dot before the cell, two layers',
    { numLayers: 2 },
    { attention: 'dot', feedContext: true, numLayers: 2 },
  ],
];

describe.each(CASES)('%s', (_, ofEncoder, ofDecoder) => {
  const attention = ofDecoder.attention !== undefined;
  const padded = (dtype: DType = 'f64') => ({ lengths: [4, 2], mask: mask(dtype) });

  test('gradients', async () => {
    const model = make(ofEncoder, ofDecoder);
    const [from, to] = [source(), target()];
    const options = padded();
    await expectGradients(() => {
      const { logits, weights } = model.forward(from, to, options);
      return weights ? [logits, weights] : [logits];
    }, model.parameters());
    dispose([from, to, options, model]);
    expect(device.memory().liveTensors).toBe(0);
  });

  test('a sequence is its steps', async () => {
    const model = make(ofEncoder, ofDecoder);
    const to = target();
    const { logits, weights, state } = model.forward(source(), to, padded());
    expect(logits.shape).toEqual([TARGET, BATCH, OTHERS]);
    expect(weights?.shape).toEqual(attention ? [TARGET, BATCH, SOURCE] : undefined);

    const { memory, state: first } = model.encode(source(), padded());
    let before = first;
    for (let t = 0; t < TARGET; t++) {
      const own = reshape(slice(to, 0, { start: t, end: t + 1 }), [BATCH]);
      const step = model.decoder.step(own, before, memory);
      before = step.state;
      const of = async (all: Tensor): Promise<ArrayLike<number>> =>
        await slice(all, 0, { start: t, end: t + 1 }).data();
      expect(distance(await step.logits.data(), await of(logits))).toBeLessThan(1e-13);
      if (weights) {
        expect(distance(await step.weights!.data(), await of(weights))).toBeLessThan(1e-13);
      }
    }
    for (const [i, part] of before.entries()) {
      expect(distance(await part.data(), await state[i].data())).toBeLessThan(1e-13);
    }
  });

  test('padding changes nothing', async () => {
    const model = make(ofEncoder, ofDecoder);
    const { logits } = model.forward(source(), target(), padded());
    const alone = model.forward(ids([2, 4], [2, 1]), ids([0, 1, 4], [TARGET, 1]));
    const second = slice(logits, 1, { start: 1, end: 2 });
    expect(distance(await alone.logits.data(), await second.data())).toBeLessThan(1e-13);
  });

  test('lengths make the mask, as a list or as a tensor', async () => {
    const model = make(ofEncoder, ofDecoder);
    const expected = await model.forward(source(), target(), padded()).logits.data();
    for (const lengths of [[4, 2], ids([4, 2], [BATCH])]) {
      const { logits } = model.forward(source(), target(), { lengths });
      expect(distance(await logits.data(), expected)).toBeLessThan(1e-13);
    }
  });

  test('several rows for each sequence of the memory', async () => {
    const model = make(ofEncoder, ofDecoder);
    const { memory, state } = model.encode(source(), padded());
    const one = model.decoder.step(ids([3, 1], [BATCH]), state, memory);
    const twice = state.map((part) => scope(() => catRows(part)));
    const two = model.decoder.step(ids([3, 1, 3, 1], [2 * BATCH]), twice, memory);
    const values = [...(await one.logits.data())];
    expect(distance(await two.logits.data(), [...values, ...values])).toBeLessThan(1e-13);
  });

  test('its own ids where the teacher is silent', async () => {
    const model = make(ofEncoder, ofDecoder);
    const options = padded();
    const to = target();
    const all = tensor(device, [0, 1, 1], [TARGET], { dtype: 'f64' });
    const given = model.forward(source(), to, options);
    const taught = model.forward(source(), to, { ...options, teacher: all });
    const values = [...(await taught.logits.data())];
    expect(distance(await given.logits.data(), values)).toBeLessThan(1e-13);

    // Sequence 1 goes by itself at the second step.
    const some = tensor(device, [1, 1, 1, 0, 1, 1], [TARGET, BATCH], { dtype: 'f64' });
    const mixed = model.forward(source(), to, { ...options, teacher: some });
    const first = [...values.slice(OTHERS, 2 * OTHERS)];
    const likeliest = first.indexOf(Math.max(...first));
    const chosen = model.forward(
      source(),
      ids([0, 0, 3, likeliest, 2, 4], [TARGET, BATCH]),
      options,
    );
    expect(distance(await mixed.logits.data(), await chosen.logits.data())).toBeLessThan(1e-13);
  });

  test('the loss is the cross-entropy of the logits', async () => {
    const model = make(ofEncoder, ofDecoder);
    const labels = ids([3, 1, 2, 4, 0, -100], [TARGET, BATCH]);
    const loss = model.loss(source(), target(), labels, padded());
    const { logits } = model.forward(source(), target(), padded());
    const rows = reshape(logits, [TARGET * BATCH, OTHERS]);
    const expected = crossEntropy(rows, reshape(labels, [TARGET * BATCH]));
    expect(await loss.item()).toBeCloseTo(await expected.item(), 12);
  });

  test('generating leaves nothing behind, and stops', async () => {
    const model = make(ofEncoder, ofDecoder, 'f32');
    const from = source();
    const options = { begin: 0, end: 4, maxLength: 6, ...padded('f32') };
    const before = device.memory().liveTensors;
    for (const width of [1, 3]) {
      const found = await model.generate(from, { ...options, width });
      expect(found.length).toBe(BATCH);
      for (const { ids, finished, weights } of found) {
        expect(ids.length).toBeLessThanOrEqual(finished ? 5 : 6);
        expect(ids).not.toContain(4);
        expect(weights?.map((row) => row.length)).toEqual(
          attention ? ids.map(() => SOURCE) : undefined,
        );
      }
      if (attention) for (const row of found[1].weights!) expect([...row.slice(2)]).toEqual([0, 0]);
      expect(device.memory().liveTensors).toBe(before);
    }
  });
});

/** The rows of a state twice. */
function catRows(part: Tensor): Tensor {
  const [rows, batch, width] = part.shape;
  const [one, other] = [0, 1].map(() => reshape(part, [rows, 1, batch, width]));
  return reshape(cat([one, other], 1), [rows, 2 * batch, width]);
}

test('greedy generation is the argmax of teacher forcing on what it wrote', async () => {
  const model = make({ bidirectional: true }, { attention: 'general' }, 'f32');
  const [first] = await model.generate(source(), { begin: 0, end: 4, maxLength: 5 });
  const given = [0, ...first.ids];
  const { logits, weights } = model.forward(
    ids([1, 3, 5, 0], [SOURCE, 1]),
    ids(given, [given.length, 1]),
  );
  const values = [...(await logits.data())];
  const steps = first.finished ? [...first.ids, 4] : first.ids;
  steps.forEach((id, t) => {
    const row = values.slice(t * OTHERS, (t + 1) * OTHERS);
    expect(row.indexOf(Math.max(...row))).toBe(id);
  });
  const all = [...(await weights!.data())];
  first.weights!.forEach((row, t) => {
    expect(distance(row, all.slice(t * SOURCE, (t + 1) * SOURCE))).toBeLessThan(1e-6);
  });
});

test('parameters have names', () => {
  const model = make({ bidirectional: true, cell: 'lstm' }, { cell: 'lstm', attention: 'general' });
  const names = [...model.stateDict().keys()];
  expect(names).toEqual([
    'encoder.embedding.weight',
    ...names.filter((name) => name.startsWith('encoder.rnn.')),
    'decoder.embedding.weight',
    ...names.filter((name) => name.startsWith('decoder.rnn.')),
    'decoder.attention.key_layer.weight',
    'decoder.combine.weight',
    'decoder.out.weight',
    'decoder.out.bias',
    ...['bridge.0.weight', 'bridge.0.bias', 'bridge.1.weight', 'bridge.1.bias'],
  ]);
  expect(names).toContain('encoder.rnn.weight_hh_l0_reverse');
  expect(model.bridge[1].weight.shape).toEqual([HIDDEN, 2 * HIDDEN]);
  expect(make().bridge).toEqual([]);
});

test('dropout acts in training alone', async () => {
  const generator = new Generator(device, 3);
  const dropout = { dropout: 0.5, generator };
  const model = make(dropout, { ...dropout, attention: 'dot' });
  const once = async (): Promise<number[]> => [
    ...(await model.forward(source(), target()).logits.data()),
  ];
  expect(await once()).not.toEqual(await once());
  model.eval();
  expect(await once()).toEqual(await once());
});

test('what does not fit is refused', async () => {
  const untyped = (value: unknown): never => value as never;
  const refused = (body: () => unknown): string => thrown(ArgumentError, body);
  const decoder = (options: object): string =>
    refused(() => new Decoder(device, OTHERS, WIDTH, HIDDEN, options));
  expect(decoder({ attention: 'luong', keySize: 4 })).toMatch(
    /^Decoder: attention = luong; choose/,
  );
  expect(decoder({ attention: 'dot' })).toMatch(/keySize = undefined; give both/);
  expect(decoder({ keySize: 4 })).toMatch(/attention = undefined and keySize = 4/);
  expect(decoder({ feedContext: true })).toMatch(/there is no attention/);
  expect(decoder({ cell: 'lstn' })).toMatch(/cell = lstn; did you mean lstm/);
  expect(decoder({ dropout: 0.5 })).toMatch(/generator = undefined; give new Generator/);
  expect(decoder({ attention: 'dot', keySize: 9 })).toMatch(/dot needs equal ones/);

  const plain = new Encoder(device, WORDS, WIDTH, HIDDEN);
  const of = (options: DecoderOptions): Decoder =>
    new Decoder(device, OTHERS, WIDTH, HIDDEN, options);
  expect(refused(() => new EncoderDecoder(plain, of({ cell: 'lstm' })))).toMatch(
    /1 layers with a state of h, the decoder 1 layers with a state of h, c/,
  );
  expect(refused(() => new EncoderDecoder(plain, of({ numLayers: 2 })))).toMatch(/must be alike/);
  expect(
    refused(() => new EncoderDecoder(plain, of({ attention: 'general', keySize: 8 }))),
  ).toMatch(/keySize = 8, the encoder an output of 3/);
  expect(refused(() => new EncoderDecoder(untyped(of({})), of({})))).toMatch(
    /encoder = an object of Decoder/,
  );

  const model = make({}, { attention: 'general' });
  const shape = (body: () => unknown): string => thrown(ShapeError, body);
  const transposed = tensor(device, new Float64Array(8), [BATCH, SOURCE], { dtype: 'f64' });
  expect(shape(() => model.forward(source(), target(), { mask: transposed }))).toMatch(
    /mask has shape \[2, 4\]; \[4, 2\]/,
  );
  expect(shape(() => model.forward(source(), ids([0, 1, 2], [3])))).toMatch(
    /ids have shape \[3\]; \[time, batch\]/,
  );
  expect(shape(() => model.forward(source(), ids([0, 1, 2], [1, 3])))).toMatch(
    /ids are of 3 sequences, and the keys of memory of 2/,
  );
  expect(shape(() => model.loss(source(), target(), ids([1], [1, 1])))).toMatch(/labels has shape/);
  const teacher = tensor(device, [1, 1], [2], { dtype: 'f64' });
  expect(shape(() => model.forward(source(), target(), { teacher }))).toMatch(
    /teacher has shape \[2\]; \[3\] or \[3, 2\]/,
  );
  expect(
    thrown(DTypeError, () =>
      model.forward(source(), target(), { teacher: tensor(device, [1, 1, 1], [3]) }),
    ),
  ).toMatch(/teacher f32/);
  expect(thrown(IndexError, () => model.forward(source(), ids([0, 5], [1, 2])))).toMatch(/holds 5/);
  expect(refused(() => model.decoder.forward(target()))).toMatch(/memory = undefined/);
  expect(
    refused(() => make().decoder.forward(target(), undefined, model.encode(source()))),
  ).toMatch(/unknown option state/);
  const { memory } = model.encode(source());
  expect(refused(() => make().decoder.forward(target(), undefined, { memory }))).toMatch(
    /there is no attention/,
  );
  expect(
    await rejected(ArgumentError, model.generate(source(), { begin: 0, end: 1, maxLength: 0 })),
  ).toMatch(/maxLength = 0/);
});

describe('six symbols, reversed', () => {
  const [LENGTH, SYMBOLS, ROWS] = [6, 8, 32];
  // Symbols are 0 to 7; 8 begins and ends.
  const MARK = SYMBOLS;

  test.each<[string, DecoderOptions, number]>([
    ['Luong, one scan', { attention: 'general' }, 600],
    ['Bahdanau, step by step', { attention: 'additive' }, 300],
  ])('%s', async (_, ofDecoder, steps) => {
    const random = new Random(1);
    const init = { random };
    const encoder = new Encoder(device, SYMBOLS, 16, 24, { bidirectional: true, ...init });
    const keySize = encoder.outputSize;
    const decoder = new Decoder(device, SYMBOLS + 1, 16, 32, { ...ofDecoder, keySize, ...init });
    const model = new EncoderDecoder(encoder, decoder, random);
    const optimizer = new Adam(model, { lr: 0.01 });
    const batch = () => {
      const rows = Array.from({ length: ROWS }, () =>
        Array.from({ length: LENGTH }, () => Math.floor(random.uniform() * SYMBOLS)),
      );
      const written = rows.map((row) => [...row.toReversed(), MARK]);
      const timeMajor = (lists: readonly number[][]): number[] =>
        lists[0].flatMap((__, t) => lists.map((list) => list[t]));
      return {
        rows,
        source: timeMajor(rows),
        target: timeMajor(written.map((row) => [MARK, ...row.slice(0, -1)])),
        labels: timeMajor(written),
      };
    };
    const first = batch();
    const inputs = [
      ids(first.source, [LENGTH, ROWS]),
      ids(first.target, [LENGTH + 1, ROWS]),
      ids(first.labels, [LENGTH + 1, ROWS]),
    ] as const;
    const step = (): Tensor => {
      const loss = model.loss(...inputs);
      const value = detach(loss);
      backward(loss);
      optimizer.step({ maxNorm: 1 });
      optimizer.zeroGrad();
      return value;
    };
    scope(step);
    const recorded = device.record(step, inputs);
    for (let i = 2; i < steps; i++) {
      const { source, target, labels } = batch();
      recorded.replay(source, target, labels);
    }
    model.eval();
    const unseen = batch();
    for (const width of [1, 3]) {
      const found = await model.generate(ids(unseen.source, [LENGTH, ROWS]), {
        begin: MARK,
        end: MARK,
        maxLength: 10,
        width,
      });
      expect(found.map(({ ids }) => ids)).toEqual(unseen.rows.map((row) => row.toReversed()));
      // What was attended to lies on the diagonal.
      found[0].weights!.forEach((row, t) => {
        expect(row.indexOf(Math.max(...row))).toBe(LENGTH - 1 - t);
      });
    }
  });
});
