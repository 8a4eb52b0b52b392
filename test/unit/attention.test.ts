/** Attention against its formulas in plain loops, and its gradients. */
import { beforeEach, describe, expect, test } from 'vitest';

import {
  ArgumentError,
  dispose,
  DTypeError,
  openDevice,
  Random,
  scope,
  ShapeError,
  tensor,
} from '../../src/index';
import type { Device, DType, Tensor } from '../../src/index';
import { Attention } from '../../src/nn/index';
import type { AttentionKind, AttentionOptions } from '../../src/nn/index';
import { distance, normalTensors, thrown } from '../setup/nn_helpers';
import { expectGradients } from '../setup/gradients';

const [QUERIES, TIME, BATCH] = [3, 4, 2];

let device: Device;
beforeEach(async () => {
  device = await openDevice('cpu');
});

const SIZES: Readonly<Record<string, AttentionOptions>> = {
  dot: { kind: 'dot', querySize: 3, keySize: 3 },
  general: { kind: 'general', querySize: 3, keySize: 5 },
  additive: { kind: 'additive', querySize: 3, keySize: 5, size: 4 },
  'additive of its own size': { kind: 'additive', querySize: 3, keySize: 2 },
};

const make = (options: AttentionOptions, dtype: DType = 'f64'): Attention =>
  new Attention(device, { ...options, dtype, random: new Random(2) });

/** The second sequence has two keys, and a third one none where `empty`. */
const maskOf = (dtype: DType, empty = false): Tensor => {
  const rows = [1, 1, empty ? 0 : 1, 1, 1, empty ? 0 : 1, 1, 0, 0, 1, 0, 0];
  const batch = empty ? 3 : BATCH;
  const values = empty ? rows : rows.filter((_, i) => i % 3 < 2);
  return tensor(device, values, [TIME, batch], { dtype });
};

type Matrix = readonly (readonly number[])[];

async function matrix(x: Tensor): Promise<Matrix> {
  const values = await x.data();
  const columns = x.shape.at(-1)!;
  return Array.from({ length: values.length / columns }, (_, i) => [
    ...values.slice(i * columns, (i + 1) * columns),
  ]);
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((total, value, i) => total + value * b[i], 0);

/** One query of one sequence, by the formulas. */
async function scoreOf(attention: Attention) {
  const layers = [attention.query_layer, attention.key_layer, attention.energy_layer];
  const [w, u, v] = await Promise.all(
    layers.map(async (layer) => (layer ? await matrix(layer.weight) : undefined)),
  );
  return (q: readonly number[], k: readonly number[]): number => {
    const kind: AttentionKind = attention.kind;
    if (kind === 'dot') return dot(q, k);
    if (kind === 'general')
      return dot(
        q,
        u!.map((row) => dot(row, k)),
      );
    const hidden = w!.map((row, i) => Math.tanh(dot(row, q) + dot(u![i], k)));
    return dot(v![0], hidden);
  };
}

describe.each(Object.entries(SIZES))('%s', (_, options) => {
  const { querySize, keySize } = options;

  test.each([true, false])('values by the formulas, mask %s', async (masked) => {
    const attention = make(options);
    const normal = normalTensors(device);
    const query = normal([QUERIES, BATCH, querySize]);
    const keys = normal([TIME, BATCH, keySize]);
    const mask = masked ? maskOf('f64') : undefined;
    const { context, weights } = attention.forward(query, keys, { mask });
    expect(context.shape).toEqual([QUERIES, BATCH, keySize]);
    expect(weights.shape).toEqual([QUERIES, BATCH, TIME]);

    const [qs, ks, cs, ws] = await Promise.all([query, keys, context, weights].map(matrix));
    const counts = mask && [...(await mask.data())];
    const score = await scoreOf(attention);
    for (let i = 0; i < QUERIES * BATCH; i++) {
      const b = i % BATCH;
      const own = Array.from({ length: TIME }, (_, t) => ks[t * BATCH + b]);
      const powers = own.map((key, t) =>
        counts?.[t * BATCH + b] === 0 ? 0 : Math.exp(score(qs[i], key)),
      );
      const total = powers.reduce((sum, power) => sum + power, 0);
      const expected = powers.map((power) => power / total);
      expect(distance(ws[i], expected)).toBeLessThan(1e-14);
      const sums = own[0].map((_, c) =>
        dot(
          expected,
          own.map((key) => key[c]),
        ),
      );
      expect(distance(cs[i], sums)).toBeLessThan(1e-14);
    }
  });

  test('one query at a time, on keys made ready once, is all at once', async () => {
    const attention = make(options);
    const normal = normalTensors(device);
    const queries = Array.from({ length: QUERIES }, () => normal([BATCH, querySize]));
    const keys = normal([TIME, BATCH, keySize]);
    const mask = maskOf('f64');
    const values = (await Promise.all(queries.map((query) => query.data()))).flatMap((row) => [
      ...row,
    ]);
    const all = tensor(device, values, [QUERIES, BATCH, querySize], { dtype: 'f64' });
    const { context, weights } = attention.forward(all, keys, { mask });
    const [cs, ws] = [await matrix(context), await matrix(weights)];
    const memory = attention.project(keys, { mask });
    for (const [i, query] of queries.entries()) {
      const one = attention.forward(query, memory);
      expect(one.context.shape).toEqual([BATCH, keySize]);
      expect(one.weights.shape).toEqual([BATCH, TIME]);
      const rows = [i * BATCH, (i + 1) * BATCH] as const;
      expect(distance(await one.context.data(), cs.slice(...rows).flat())).toBeLessThan(1e-14);
      expect(distance(await one.weights.data(), ws.slice(...rows).flat())).toBeLessThan(1e-14);
    }
  });

  test.each([
    ['a query', undefined],
    ['all queries', QUERIES],
  ])('gradients of %s, with a mask', async (_, count) => {
    const attention = make(options);
    const normal = normalTensors(device);
    const query = normal(count ? [count, 3, querySize] : [3, querySize], true);
    const keys = normal([TIME, 3, keySize], true);
    const mask = maskOf('f64', true);
    await expectGradients(
      (q, k) => {
        const { context, weights } = attention.forward(q, k, { mask });
        return [context, weights];
      },
      [query, keys, ...attention.parameters()],
    );
    dispose([query, keys, mask, attention]);
    expect(device.memory().liveTensors).toBe(0);
  });

  test('a sequence without keys gives zeros', async () => {
    const attention = make(options, 'f32');
    const normal = normalTensors(device, 'f32');
    const mask = maskOf('f32', true);
    const { context, weights } = attention.forward(
      normal([3, querySize]),
      normal([TIME, 3, keySize]),
      { mask },
    );
    expect((await matrix(weights))[2]).toEqual([0, 0, 0, 0]);
    expect((await matrix(context))[2]).toEqual(new Array(keySize).fill(0));
    for (const row of (await matrix(weights)).slice(0, 2)) {
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    }
    expect((await matrix(weights))[1].slice(2)).toEqual([0, 0]);
  });
});

test('parameters have names', () => {
  const names = (kind: string): string[] => [...make(SIZES[kind]).stateDict().keys()];
  expect(names('dot')).toEqual([]);
  expect(names('general')).toEqual(['key_layer.weight']);
  expect(names('additive')).toEqual([
    'query_layer.weight',
    'key_layer.weight',
    'energy_layer.weight',
  ]);
  expect(make(SIZES.general).key_layer!.weight.shape).toEqual([3, 5]);
  expect(make(SIZES.additive).energy_layer!.weight.shape).toEqual([1, 4]);
});

test('a scope frees all but the result', () => {
  const attention = make(SIZES.additive);
  const normal = normalTensors(device);
  const [query, keys, mask] = [normal([2, 3]), normal([TIME, 2, 5]), maskOf('f64')];
  const before = device.memory().liveTensors;
  scope(() => {
    const memory = attention.project(keys, { mask });
    attention.forward(query, memory);
  });
  expect(device.memory().liveTensors).toBe(before);
});

test('what does not fit is refused', () => {
  const untyped = (value: unknown): never => value as never;
  const refused = (options: object): string =>
    thrown(ArgumentError, () => new Attention(device, options as AttentionOptions));
  expect(refused({ kind: 'cosine', querySize: 2, keySize: 2 })).toBe(
    'Attention: kind = cosine; choose one of dot, general, additive',
  );
  expect(refused({ kind: 'dot', querySize: 2, keySize: 3 })).toMatch(
    /querySize = 2 and keySize = 3; dot needs equal ones/,
  );
  expect(refused({ kind: 'general', querySize: 2, keySize: 3, size: 3 })).toMatch(
    /size = 3 is of additive alone/,
  );
  expect(refused({ kind: 'additive', querySize: 0, keySize: 3 })).toMatch(/querySize = 0/);
  expect(refused({ kind: 'additive', querySize: 2 })).toMatch(/keySize = undefined/);

  const attention = make(SIZES.general, 'f32');
  const normal = normalTensors(device, 'f32');
  const [query, keys] = [normal([BATCH, 3]), normal([TIME, BATCH, 5])];
  const shapes = (body: () => unknown): string => thrown(ShapeError, body);
  expect(shapes(() => attention.forward(normal([BATCH, 5]), keys))).toMatch(
    /query has shape \[2, 5\]; \[2, 3\] is needed, or \[queries, 2, 3\]/,
  );
  expect(shapes(() => attention.forward(normal([QUERIES, 3]), keys))).toMatch(/query has shape/);
  expect(shapes(() => attention.forward(normal([3]), keys))).toMatch(/query has shape/);
  expect(shapes(() => attention.forward(query, normal([TIME, BATCH, 3])))).toMatch(
    /keys have shape \[4, 2, 3\]; \[time, batch, 5\]/,
  );
  const mask = normal([BATCH, TIME]);
  expect(shapes(() => attention.forward(query, keys, { mask }))).toMatch(
    /mask has shape \[2, 4\]; \[4, 2\] is needed/,
  );
  const ids = tensor(device, new Int32Array(8), [TIME, BATCH], { dtype: 'i32' });
  expect(thrown(DTypeError, () => attention.forward(query, keys, { mask: ids }))).toMatch(
    /mask is i32/,
  );
  const memory = attention.project(keys);
  expect(
    thrown(ArgumentError, () =>
      attention.forward(query, memory as never, { mask: normal([TIME, BATCH]) }),
    ),
  ).toMatch(/give it to project/);
  expect(thrown(ArgumentError, () => attention.forward(query, untyped(null)))).toMatch(
    /keys = null; a tensor/,
  );
});
