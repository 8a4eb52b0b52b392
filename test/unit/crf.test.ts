/** The conditional random field, against sums over every sequence of tags. */
import { describe, expect, test } from 'vitest';

import {
  backward,
  IndexError,
  noGrad,
  openDevice,
  Random,
  ShapeError,
  sum,
  tensor,
} from '../../src/index';
import type { Device, DType, Tensor } from '../../src/index';
import { CRF } from '../../src/nn/index';
import { normalTensors } from '../setup/nn_helpers';
import { expectClose } from '../setup/fixtures';
import { expectGradients } from '../setup/gradients';

const device = await openDevice('cpu');
const reference = await openDevice('cpu', { reference: true });

const ids = (values: number[], shape: number[], on = device): Tensor =>
  tensor(on, values, shape, { dtype: 'i32' });

/** Tags, some of them behind the ends, where they are none. */
const TAGS = [0, 2, 1, 2, 2, -100, 1, 1, 0, 7, -100, -1];
const LENGTHS = [3, 1, 2, 0];
const [TIME, BATCH, N] = [3, 4, 3];

/** All sequences of so many tags. */
function sequences(length: number, n: number): number[][] {
  if (length === 0) return [[]];
  const shorter = sequences(length - 1, n);
  return shorter.flatMap((head) => Array.from({ length: n }, (_, tag) => [...head, tag]));
}

interface Setup {
  crf: CRF;
  emissions: Tensor;
  tags: Tensor;
  lengths: Tensor;
}

function setup(dtype: DType, on: Device = device): Setup {
  const crf = new CRF(on, N, { dtype, random: new Random(4) });
  const values = new Random(5);
  // Large enough to tell transitions from their transpose, and the start from the end.
  crf.parameters().forEach((x) => x.write(Array.from({ length: x.size }, () => values.normal())));
  const emissions = normalTensors(on, dtype)([TIME, BATCH, N], true);
  return {
    ...{ crf, emissions },
    ...{ tags: ids(TAGS, [TIME, BATCH], on), lengths: ids(LENGTHS, [BATCH], on) },
  };
}

/** The score of tags in sequence b, by its definition. */
async function scorer({ crf, emissions }: Setup) {
  const read = (x: Tensor) => x.data();
  const [e, start, end, transitions] = await Promise.all(
    [emissions, crf.start_transitions, crf.end_transitions, crf.transitions].map(read),
  );
  return (b: number, y: readonly number[]): number =>
    y.length === 0
      ? 0
      : start[y[0]] +
        end[y.at(-1)!] +
        y.reduce(
          (score, tag, t) =>
            score + e[(t * BATCH + b) * N + tag] + (t > 0 ? transitions[y[t - 1] * N + tag] : 0),
          0,
        );
}

const own = (b: number): number[] =>
  Array.from({ length: LENGTHS[b] }, (_, t) => TAGS[t * BATCH + b]);

test.each(['none', 'sum', 'mean'] as const)('the loss is what enumeration gives, %s', async (r) => {
  const all = setup('f64');
  const score = await scorer(all);
  const wanted = LENGTHS.map((length, b) => {
    const total = sequences(length, N).reduce((sum, y) => sum + Math.exp(score(b, y)), 0);
    return Math.log(total) - score(b, own(b));
  });
  const whole = wanted.reduce((a, b) => a + b);
  const { crf, emissions, tags, lengths } = all;
  const found = await crf.loss(emissions, tags, lengths, { reduction: r }).data();
  const expected = { none: wanted, sum: [whole], mean: [whole / 3] }[r];
  expectClose(found, expected, { atol: 1e-12, rtol: 1e-12 });
  const quiet = noGrad(() => crf.loss(emissions, tags, lengths, { reduction: r }));
  expectClose(await quiet.data(), expected, { atol: 1e-12, rtol: 1e-12 });
});

test.each(['none', 'sum', 'mean'] as const)(
  'analytic and numeric gradients agree, %s',
  async (r) => {
    const { crf, emissions, tags, lengths } = setup('f64');
    await expectGradients(
      () => crf.loss(emissions, tags, lengths, { reduction: r }),
      [emissions, ...crf.parameters()],
    );
  },
);

test('backward again, and of a part of the inputs', async () => {
  const { crf, emissions, tags, lengths } = setup('f64');
  const loss = crf.loss(emissions, tags, lengths);
  backward(loss, { retainGraph: true });
  const once = [...(await emissions.grad!.data())];
  backward(loss);
  expectClose(
    await emissions.grad!.data(),
    once.map((g) => 2 * g),
    { atol: 1e-12, rtol: 0 },
  );

  emissions.grad = undefined;
  crf.zeroGrad();
  emissions.requiresGrad = false;
  crf.transitions.requiresGrad = false;
  backward(crf.loss(emissions, tags, lengths));
  expect([emissions.grad, crf.transitions.grad]).toEqual([undefined, undefined]);
  expect(crf.start_transitions.grad).toBeDefined();
});

test('backward leaves nothing behind', () => {
  const { crf, emissions, tags, lengths } = setup('f32');
  const before = device.memory().liveTensors;
  for (const reduction of ['none', 'sum', 'mean'] as const) {
    const loss = crf.loss(emissions, tags, lengths, { reduction });
    const root = reduction === 'none' ? sum(loss) : loss;
    backward(root);
    root.dispose();
  }
  for (const x of [emissions, ...crf.parameters()]) x.grad!.dispose();
  expect(device.memory().liveTensors).toBe(before);
});

test('decode finds the best of all sequences, and its score', async () => {
  const all = setup('f64');
  const score = await scorer(all);
  const { tags, scores } = await all.crf.decode(all.emissions, all.lengths);
  LENGTHS.forEach((length, b) => {
    const ranked = sequences(length, N).sort((y, z) => score(b, z) - score(b, y));
    expect(tags[b]).toEqual(ranked[0]);
    expect(scores[b]).toBeCloseTo(score(b, ranked[0]), 12);
  });
});

test('of equal scores, decode takes the lowest tags', async () => {
  const crf = new CRF(device, 3);
  crf.parameters().forEach((x) => x.write(new Float32Array(x.size)));
  const emissions = tensor(device, new Float32Array(12), [2, 2, 3]);
  expect(await crf.decode(emissions, ids([2, 1], [2]))).toEqual({
    tags: [[0, 0], [0]],
    scores: [0, 0],
  });
});

test('no steps at all: loss 0, gradient 0', async () => {
  const { crf, emissions, tags } = setup('f32');
  for (const reduction of ['mean', 'sum'] as const) {
    const loss = crf.loss(emissions, tags, ids([0, 0, 0, 0], [BATCH]), { reduction });
    expect(await loss.item()).toBe(0);
    backward(loss);
    for (const x of [emissions, ...crf.parameters()]) {
      expect((await x.grad!.data()).every((g) => g === 0)).toBe(true);
    }
  }
});

test('a recorded step reads emissions, tags and lengths anew', async () => {
  const { crf, emissions, tags, lengths } = setup('f32');
  const step = device.record(() => {
    const loss = crf.loss(emissions, tags, lengths);
    backward(loss);
    return loss;
  }, [emissions, tags, lengths]);
  const other = normalTensors(device, 'f32')([TIME, BATCH, N]);
  const otherTags = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2];
  step.replay(await other.data(), otherTags, [1, 3, 0, 2]);
  const wanted = crf.loss(other, ids(otherTags, [TIME, BATCH]), ids([1, 3, 0, 2], [BATCH]));
  expect(await step.result.item()).toBe(await wanted.item());
  expect(() => step.replay(other, [9, ...otherTags.slice(1)], [1, 3, 0, 2])).toThrow(IndexError);
  expect(() => step.replay(other, otherTags, [1, 4, 0, 2])).toThrow(IndexError);
  step.dispose();
});

describe('the fast kernel and the reference agree', () => {
  const SCORES: [string, emission: number, transition: number, n?: number][] = [
    ['small', 1, 1],
    ['many', 1, 1, 150],
    ['emissions that underflow, and transitions that make up for some of it', 500, 40],
    ['large emissions', 200, 1],
    ['large transitions', 1, 100],
    ['transitions that are all but forbidden', 1, 3000],
  ];
  test.each(SCORES)('%s scores', async (_, emission, transition, n = 11) => {
    const [time, batch] = [7, 5];
    const random = new Random(6);
    const draw = (size: number, scale: number) =>
      Array.from({ length: size }, () => scale * random.normal());
    const values = draw(time * batch * n, emission);
    const parameters = [draw(n * n, transition), draw(n, transition), draw(n, transition)];
    const tags = Array.from({ length: time * batch }, () => Math.floor(n * random.uniform()));
    const results = await Promise.all(
      [device, reference].map(async (on) => {
        const crf = new CRF(on, n);
        crf.parameters().forEach((x, i) => x.write(parameters[i]));
        const emissions = tensor(on, values, [time, batch, n], { requiresGrad: true });
        const loss = crf.loss(
          ...[emissions, ids(tags, [time, batch], on), ids([7, 1, 0, 6, 2], [batch], on)],
          { reduction: 'none' },
        );
        const gradient = tensor(on, [1, 0.5, 3, -1, 2], [batch]);
        backward(loss, { gradient });
        const grads = [emissions, ...crf.parameters()].map((x) => x.grad!.data());
        return [await loss.data(), ...(await Promise.all(grads))];
      }),
    );
    results[0].forEach((found, i) => expectClose(found, results[1][i], { atol: 3e-6, rtol: 1e-6 }));
  });
});

describe('what does not fit is refused', () => {
  const { crf, emissions, tags, lengths } = setup('f32');

  test.each<[string, RegExp | string, () => unknown]>([
    ['no tags', 'CRF: numTags = 0; an integer from 1', () => new CRF(device, 0)],
    ['too many', 'CRF: numTags = 1025; at most 1024', () => new CRF(device, 1025)],
    [
      'another number of tags',
      'CRF.loss: emissions have shape [3, 4, 3]; [time, batch, 5] is needed',
      () => new CRF(device, 5).loss(emissions, tags, lengths),
    ],
    [
      'flat tags',
      /tags has shape \[12\]; \[3, 4\]/,
      () => crf.loss(emissions, ids(TAGS, [12]), lengths),
    ],
    [
      'a tag that is none',
      'CRF.loss: tags holds -100 at step 1 of sequence 1, which has 2 steps; tags run from 0 to 2',
      () => crf.loss(emissions, tags, ids([1, 2, 1, 1], [BATCH])),
    ],
    [
      'a length beyond the end',
      'CRF.loss: lengths holds 4 at position 2; sequences have 0 to 3 steps',
      () => crf.loss(emissions, tags, ids([1, 1, 4, 1], [BATCH])),
    ],
    ['too few lengths', ShapeError.name, () => crf.loss(emissions, tags, ids([1], [1]))],
    [
      'tags as floats',
      /tags is f32; pass them as/,
      () => crf.loss(emissions, sum(emissions, { dim: 2 }), lengths),
    ],
    [
      'an unknown reduction',
      'CRF.loss: reduction = all; choose one of mean, sum, none',
      () => crf.loss(emissions, tags, lengths, { reduction: 'all' as never }),
    ],
    [
      'to decode',
      'CRF.decode: emissions have shape [3, 4]; [time, batch, 3] is needed',
      () => crf.decode(sum(emissions, { dim: 2 }), lengths),
    ],
  ])('%s', async (_, message, call) => {
    const refused = new Promise((resolve) => resolve(call()));
    if (message === ShapeError.name) await expect(refused).rejects.toThrow(ShapeError);
    else await expect(refused).rejects.toThrow(message);
  });
});
