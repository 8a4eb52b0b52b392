/** Greedy decoding and beam search against all sequences that there are, and what they refuse. */
import { beforeEach, describe, expect, test, vi } from 'vitest';

import {
  ArgumentError,
  dispose,
  embedding,
  logSoftmax,
  NonFiniteError,
  openDevice,
  Random,
  ShapeError,
  tensor,
  zeros,
} from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { beamSearch, Decoder, greedy } from '../../src/nn/index';
import type { DecodingFunction, Hypothesis } from '../../src/nn/index';
import { distance, normalTensors, rejected } from '../setup/nn_helpers';

let device: Device;
beforeEach(async () => {
  device = await openDevice('cpu');
});

/** A step that knows the last id alone: the probabilities of the next one. */
function chain(probabilities: readonly (readonly number[])[]): DecodingFunction {
  const values = probabilities.flat().map((p) => Math.log(p));
  const table = tensor(device, values, [probabilities.length, probabilities[0].length]);
  return (ids, state) => ({ logits: embedding(ids, table), state });
}

const nothing = (batch = 1): readonly Tensor[] => [zeros(device, [batch, 1])];
const idsOf = (found: readonly Hypothesis[]): number[][] => found.map(({ ids }) => [...ids]);

describe('chains by hand', () => {
  // Ids: 0 ends, 1 begins, 2 is likelier than 3 at first, and leads to nothing good.
  const trap = [
    [1, 0, 0, 0],
    [0.1, 0, 0.5, 0.4],
    [0.3, 0, 0.4, 0.3],
    [0.9, 0, 0.05, 0.05],
  ];
  const of = { begin: [1], end: 0, maxLength: 8 };

  test('a beam finds what greedy decoding misses', async () => {
    const step = chain(trap);
    const [best] = await greedy(step, nothing(), of);
    expect(best.ids.slice(0, 2)).toEqual([2, 2]);
    const [found] = await beamSearch(step, nothing(), { ...of, width: 2, alpha: 0 });
    expect(found[0]).toMatchObject({ ids: [3], finished: true, weights: undefined });
    expect(found[0].logProbability).toBeCloseTo(Math.log(0.4 * 0.9), 6);
    expect(found[0].score).toBe(found[0].logProbability);
  });

  test('length normalisation changes the choice', async () => {
    const step = chain([
      [1, 0, 0],
      [0.4, 0, 0.6],
      [0.6, 0, 0.4],
    ]);
    const search = async (alpha: number): Promise<Hypothesis> =>
      (await beamSearch(step, nothing(), { ...of, width: 3, alpha }))[0][0];
    const short = await search(0);
    expect(short.ids).toEqual([]);
    expect(short.logProbability).toBeCloseTo(Math.log(0.4), 6);
    const long = await search(1);
    expect(long.ids).toEqual([2]);
    expect(long.logProbability).toBeCloseTo(Math.log(0.36), 6);
    // Two steps, the end among them.
    expect(long.score).toBeCloseTo(Math.log(0.36) / (7 / 6), 6);
  });

  test('what has ended narrows the beam', async () => {
    const step = chain([
      [1, 0, 0, 0],
      [0.4, 0, 0.35, 0.25],
      [0.5, 0, 0.3, 0.2],
      [0.5, 0, 0.3, 0.2],
    ]);
    const [found] = await beamSearch(step, nothing(), { ...of, width: 2, alpha: 3 });
    expect(idsOf(found)).toEqual([[], [2]]);
  });

  test('what never ends is cut off', async () => {
    const step = chain([
      [1, 0, 0],
      [0, 0, 1],
      [0, 0.3, 0.7],
    ]);
    const [only] = await greedy(step, nothing(), { ...of, maxLength: 5 });
    expect(only).toMatchObject({ ids: [2, 2, 2, 2, 2], finished: false });
    const [found] = await beamSearch(step, nothing(), { ...of, maxLength: 5, width: 2 });
    expect(found.map(({ finished }) => finished)).toEqual([false, false]);
    expect(found[0].ids).toEqual([2, 2, 2, 2, 2]);
    expect(found[0].logProbability).toBeCloseTo(4 * Math.log(0.7), 5);
  });

  test('sequences of a batch end by themselves', async () => {
    const step = chain([
      [1, 0, 0, 0, 0],
      [0, 0, 1, 0, 0],
      [0, 0, 0, 1, 0],
      [0, 0, 0, 0, 1],
      [1, 0, 0, 0, 0],
    ]);
    const batch = { begin: [1, 3, 4], end: 0, maxLength: 9 };
    const expected = [[2, 3, 4], [4], []];
    expect(idsOf(await greedy(step, nothing(3), batch))).toEqual(expected);
    const found = await beamSearch(step, nothing(3), { ...batch, width: 2 });
    expect(idsOf(found.map(([best]) => best))).toEqual(expected);
  });

  test('the device is read once a step, and once at the end', async () => {
    const step = chain(trap);
    const read = vi.spyOn(device.backend, 'read');
    const [{ ids, finished }] = await greedy(step, nothing(), of);
    expect(finished).toBe(false);
    expect(read).toHaveBeenCalledTimes(ids.length + 1);
  });

  test('equal ones: the first', async () => {
    const step = chain([[0.25, 0.25, 0.25, 0.25]].flatMap((row) => [row, row, row, row]));
    const at = { begin: [1], end: 3, maxLength: 3 };
    const [only] = await greedy(step, nothing(), at);
    expect(only.ids).toEqual([0, 0, 0]);
    const [[best]] = await beamSearch(step, nothing(), { ...at, width: 1 });
    expect(best.ids).toEqual([0, 0, 0]);
  });
});

/** A decoder of random weights, whose step depends on all ids before. */
function randomDecoder(seed: number, attention = false) {
  const [words, width, hidden, batch, places] = [4, 3, 5, 3, 2];
  const decoder = new Decoder(device, words, width, hidden, {
    cell: 'lstm',
    numLayers: 2,
    random: new Random(seed),
    ...(attention && { attention: 'additive' as const, keySize: hidden }),
  });
  // Far from uniform.
  const wide = normalTensors(device, 'f32', seed);
  decoder.out.weight.write(
    Array.from({ length: words * hidden }, (_, i) => 4 * Math.sin(7 * i + seed)),
  );
  const state = [wide([2, batch, hidden]), wide([2, batch, hidden])];
  const memory = attention ? decoder.attention!.project(wide([places, batch, hidden])) : undefined;
  const step: DecodingFunction = (ids, before) => decoder.step(ids, before, memory);
  const of = { begin: [1, 2, 1], end: 0, maxLength: 4 };
  return { decoder, state, memory, step, of, words, batch, places };
}

/** The log-probability of each sequence of up to `length` ids that ends. */
async function allSequences(model: ReturnType<typeof randomDecoder>, b: number) {
  const { decoder, state, of, words } = model;
  const found: { ids: number[]; logProbability: number }[] = [];
  const rest = Array.from({ length: words }, (_, id) => id).filter((id) => id !== of.end);
  let prefixes: number[][] = [[]];
  for (let t = 0; t < of.maxLength; t++) {
    for (const ids of prefixes) {
      const given = [of.begin[b], ...ids];
      const all = given.flatMap((id) => [id, id, id]);
      const input = tensor(device, all, [given.length, 3], { dtype: 'i32' });
      const { logits } = decoder.forward(input, state);
      const values = [...(await logSoftmax(logits, -1).data())];
      const logProbability = [...ids, of.end].reduce(
        (sum, id, i) => sum + values[(3 * i + b) * words + id],
        0,
      );
      found.push({ ids, logProbability });
    }
    prefixes = prefixes.flatMap((ids) => rest.map((id) => [...ids, id]));
  }
  return found;
}

describe('a decoder of random weights', () => {
  test.each([0, 0.6, 3])(
    'a beam as wide as all there is finds the best, alpha %d',
    async (alpha) => {
      for (const seed of [1, 2]) {
        const model = randomDecoder(seed);
        const found = await beamSearch(model.step, model.state, { ...model.of, width: 200, alpha });
        for (let b = 0; b < model.batch; b++) {
          const all = (await allSequences(model, b)).map(({ ids, logProbability }) => ({
            ids,
            logProbability,
            score: logProbability / ((6 + ids.length) / 6) ** alpha,
          }));
          expect(all.length).toBe(1 + 3 + 9 + 27);
          all.sort((one, other) => other.score - one.score);
          const [best] = found[b];
          expect(best.finished).toBe(true);
          expect(best.ids).toEqual(all[0].ids);
          expect(best.score).toBeCloseTo(all[0].score, 4);
          // Each hypothesis is what its ids are worth.
          for (const { ids, logProbability, finished } of found[b]) {
            const same = all.find((other) => other.ids.join() === ids.join());
            if (finished) expect(logProbability).toBeCloseTo(same!.logProbability, 4);
          }
          const scores = found[b].filter(({ finished }) => finished).map(({ score }) => score);
          expect(scores).toEqual(scores.toSorted((one, other) => other - one));
        }
      }
    },
  );

  test.each([false, true])('a beam of 1 is greedy decoding, attention %s', async (attention) => {
    for (const seed of [1, 2, 3, 4]) {
      const model = randomDecoder(seed, attention);
      const of = { ...model.of, maxLength: 12 };
      const one = await greedy(model.step, model.state, of);
      const found = await beamSearch(model.step, model.state, { ...of, width: 1, alpha: 0 });
      expect(found.map((list) => list.length)).toEqual([1, 1, 1]);
      found.forEach(([best], b) => {
        expect(best).toEqual(one[b]);
        expect(best.weights?.length).toBe(attention ? best.ids.length : undefined);
      });
    }
  });

  test('the weights of a hypothesis are those of its own steps', async () => {
    const model = randomDecoder(5, true);
    const found = await beamSearch(model.step, model.state, { ...model.of, width: 4 });
    for (const [b, list] of found.entries()) {
      for (const { ids, weights } of list) {
        const given = [model.of.begin[b], ...ids];
        const all = given.flatMap((id) => [id, id, id]);
        const { weights: taught } = model.decoder.forward(
          tensor(device, all, [given.length, 3], { dtype: 'i32' }),
          model.state,
          { memory: model.memory },
        );
        const values = await taught!.data();
        expect(weights!.length).toBe(ids.length);
        weights!.forEach((row, t) => {
          const start = (3 * t + b) * model.places;
          expect(distance(row, values.slice(start, start + model.places))).toBeLessThan(1e-6);
        });
      }
    }
  });

  test('nothing is left behind, and the first state stays', async () => {
    const model = randomDecoder(6, true);
    const before = device.memory().liveTensors;
    const values = [...(await model.state[0].data())];
    await greedy(model.step, model.state, model.of);
    await beamSearch(model.step, model.state, { ...model.of, width: 3 });
    // A step that gives back what it was given.
    const table = zeros(device, [4, 4]);
    const still: DecodingFunction = (ids, state) => ({ logits: embedding(ids, table), state });
    await greedy(still, model.state, model.of);
    await beamSearch(still, model.state, model.of);
    table.dispose();
    // A step that fails in the middle.
    let calls = 0;
    const failing: DecodingFunction = (ids, state) => {
      if (++calls === 2) throw new Error('the second step');
      return model.step(ids, state);
    };
    await expect(greedy(failing, model.state, { ...model.of, end: 3 })).rejects.toThrow('second');
    calls = 0;
    await expect(beamSearch(failing, model.state, model.of)).rejects.toThrow('second');
    expect(device.memory().liveTensors).toBe(before);
    expect([...(await model.state[0].data())]).toEqual(values);
    dispose(model.state);
  });
});

test('what does not fit is refused', async () => {
  const untyped = (value: unknown): never => value as never;
  const step = chain([
    [0.5, 0.5],
    [0.5, 0.5],
  ]);
  const of = { begin: [0], end: 1, maxLength: 3 };
  const search = (options: object, by: unknown = step, state: unknown = nothing()) =>
    beamSearch(untyped(by), untyped(state), { ...of, ...options });
  const refused = async (...given: Parameters<typeof search>): Promise<string> =>
    await rejected(ArgumentError, search(...given));
  expect(await refused({ width: 0 })).toMatch(/^beamSearch: width = 0; an integer from 1/);
  expect(await refused({ alpha: -1 })).toMatch(/alpha = -1; a finite number from 0/);
  expect(await refused({ maxLength: 1.5 })).toMatch(/maxLength = 1.5/);
  expect(await refused({ begin: 0 })).toMatch(/begin = 0; a list/);
  expect(await refused({ begin: [] })).toMatch(/begin = a list; a list is needed/);
  expect(await refused({ begin: [-1] })).toMatch(/begin = -1; ids are/);
  expect(await refused({ end: undefined })).toMatch(/end = undefined/);
  expect(await refused({}, 'step')).toMatch(/step = step; a function is needed/);
  expect(await refused({}, step, zeros(device, [1, 1]))).toMatch(/state = an object of Tensor/);
  expect(await refused({}, step, [])).toMatch(/a list of tensors of \[\.\.\., 1, width\]/);
  expect(await refused({}, () => ({}))).toMatch(/logits of step = undefined/);

  const shape = async (...given: Parameters<typeof search>): Promise<string> =>
    await rejected(ShapeError, search(...given));
  expect(await shape({}, step, nothing(2))).toMatch(/part 0 has shape \[2, 1\]/);
  expect(await shape({ end: 2 })).toMatch(/logits of shape \[1, 2\]; \[1, ids\] .* end = 2/);
  const odd = (weights: Tensor | undefined): DecodingFunction => {
    return (ids, state) => ({ ...step(ids, state), weights });
  };
  expect(await shape({}, odd(zeros(device, [2, 3])))).toMatch(/weights of shape \[2, 3\]; \[1, pl/);
  expect(
    await shape({}, (ids: Tensor) => ({ ...step(ids, []), state: [zeros(device, [4, 1])] })),
  ).toMatch(/state of step: part 0 has shape \[4, 1\]/);

  const broken = chain([
    [NaN, NaN],
    [NaN, NaN],
  ]);
  for (const decode of [greedy, beamSearch]) {
    const message = await rejected(NonFiniteError, decode(broken, nothing(), of));
    expect(message).toMatch(/the logits of sequence 0 are not finite; findNonFinite/);
  }
});
