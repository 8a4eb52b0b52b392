import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ArgumentError, IndexError, TextError } from '../../src/errors';
import { Random } from '../../src/random';
import {
  ngramEntropies,
  NgramModel,
  ngramScores,
  splitText,
  textStatistics,
  type Ids,
  unigramEntropy,
  Vocabulary,
} from '../../src/text';
import { bundledText } from '../../src/text/bundled';
import { cpuGrowth } from '../setup/cpu_time';

const ids = (text: string) => Vocabulary.fromText(text).encode(text);

/** The probabilities of the last order. */
function probabilities(train: Ids, heldOut: Ids, size: number, order: number) {
  const all = [...ngramScores(train, heldOut, { vocabularySize: size, maxOrder: order })];
  return all.at(-1)!.probabilities;
}

/** The equations again, with strings and maps, a position at a time. */
function reference(train: number[], context: number[], next: number, size: number): number {
  const key = (gram: number[]) => gram.join(' ');
  const occurrences = (order: number) => {
    const counts = new Map<string, number>();
    for (let i = 0; i + order <= train.length; i++) {
      const gram = key(train.slice(i, i + order));
      counts.set(gram, (counts.get(gram) ?? 0) + 1);
    }
    return counts;
  };
  const continuations = (order: number) => {
    const before = new Map<string, Set<number>>();
    for (let i = 0; i + order <= train.length; i++) {
      const gram = key(train.slice(i, i + order));
      const seen = before.get(gram) ?? new Set();
      before.set(gram, seen.add(train[i - 1] ?? -1));
    }
    return new Map([...before].map(([gram, seen]) => [gram, seen.size]));
  };
  const discounts = (counts: Map<string, number>) => {
    const [n1, n2, n3, n4] = [1, 2, 3, 4].map(
      (k) => [...counts.values()].filter((count) => count === k).length,
    );
    const y = n1 / (n1 + 2 * n2);
    const found = [1 - (2 * y * n2) / n1, 2 - (3 * y * n3) / n2, 3 - (4 * y * n4) / n3];
    return found.every((d, i) => d > 0 && d <= i + 1) ? found : [0.5, 1, 1.5];
  };
  const p = (order: number, counts: Map<string, number>): number => {
    const lower = () => (order === 1 ? 1 / size : p(order - 1, continuations(order - 1)));
    if (context.length < order - 1) return lower();
    const history = context.slice(context.length - (order - 1));
    const d = discounts(counts);
    const taken = (count: number) => (count === 0 ? 0 : d[Math.min(count, 3) - 1]);
    const after = Array.from({ length: size }, (_, w) => counts.get(key([...history, w])) ?? 0);
    const total = after.reduce((sum, count) => sum + count, 0);
    if (total === 0) return lower();
    const spared = after.reduce((sum, count) => sum + taken(count), 0);
    return (after[next] - taken(after[next]) + spared * lower()) / total;
  };
  return p(context.length + 1, occurrences(context.length + 1));
}

/** Texts over few letters, so that contexts repeat. */
const small = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: length });

describe('n-grams', () => {
  test('agree with the equations, written with maps', () => {
    fc.assert(
      fc.property(small(60), small(8), fc.integer({ min: 1, max: 5 }), (train, heldOut, order) => {
        const found = probabilities(Int32Array.from(train), Int32Array.from(heldOut), 5, order);
        heldOut.forEach((id, i) => {
          const context = heldOut.slice(Math.max(0, i - order + 1), i);
          // A context cut short by the beginning is of a lower order, which counts continuations.
          if (context.length < order - 1) return;
          expect(found[i]).toBeCloseTo(reference(train, context, id, 5), 12);
        });
      }),
      { numRuns: 200 },
    );
  });

  test('agree with the equations on English, by estimated discounts', () => {
    const all = [...ids(bundledText.slice(0, 3000))];
    const size = Math.max(...all) + 1;
    const [train, heldOut] = [all.slice(0, 2700), all.slice(2700, 2760)];
    for (const order of [2, 4]) {
      const found = probabilities(Int32Array.from(train), Int32Array.from(heldOut), size, order);
      for (let i = order; i < heldOut.length; i += 9) {
        const expected = reference(train, heldOut.slice(i - order + 1, i), heldOut[i], size);
        expect(found[i]).toBeCloseTo(expected, 12);
      }
    }
  });

  test('sum to 1 after any context, seen or not', () => {
    const train = ids('abracadabra, abracadabra: a barbarian crab');
    const size = Math.max(...train) + 2;
    const contexts = {
      seen: [...train.subarray(3, 8)],
      'seen at the very end': [...train.subarray(-5)],
      'seen in part': [size - 1, ...train.subarray(3, 6)],
      unseen: [size - 1, size - 1, size - 1],
      none: [],
    };
    for (const context of Object.values(contexts)) {
      for (let order = 1; order <= 6; order++) {
        let sum = 0;
        for (let w = 0; w < size; w++) {
          const p = probabilities(train, Int32Array.from([...context, w]), size, order).at(-1)!;
          expect(p).toBeGreaterThan(0);
          sum += p;
        }
        expect(sum).toBeCloseTo(1, 12);
      }
    }
  });

  test('the entropy of an order is the mean of -ln p, and no other order changes it', () => {
    const text = ids(bundledText.slice(0, 6000));
    const { train, valid } = splitText(text, 0.1);
    const options = { vocabularySize: Math.max(...text) + 1, maxOrder: 6 };
    const entropies = ngramEntropies(train, valid, options);
    expect(entropies).toHaveLength(6);
    expect(ngramEntropies(train, valid, { ...options, maxOrder: 3 })).toEqual(
      entropies.slice(0, 3),
    );
    const last = probabilities(train, valid, options.vocabularySize, 6);
    const mean = last.reduce((sum, p) => sum - Math.log(p), 0) / valid.length;
    expect(entropies[5]).toBeCloseTo(mean, 12);
    // Contexts help with English, and one letter tells less than its frequency.
    expect(entropies[2]).toBeLessThan(entropies[1]);
    expect(entropies[1]).toBeLessThan(entropies[0]);
    expect(entropies[0]).toBeLessThan(Math.log(options.vocabularySize));
  });

  test('learn a text that repeats', () => {
    const train = ids('the quick brown fox jumps over the lazy dog.\n'.repeat(40));
    const entropies = ngramEntropies(train, train.subarray(0, 450), {
      vocabularySize: 29,
      maxOrder: 12,
    });
    expect(entropies[11]).toBeLessThan(0.1);
  });

  test('the unigram entropy is that of the counts', () => {
    const text = bundledText.slice(0, 10_000);
    const { unigramEntropy: bits } = textStatistics(text);
    expect(unigramEntropy(ids(text))).toBeCloseTo(bits * Math.LN2, 10);
    expect(unigramEntropy(new Int32Array(7))).toBe(0);
    expect(unigramEntropy(new Int32Array(0))).toBe(0);
    // And on the text that was counted, order 1 comes close to it.
    const own = ids(text);
    const [first] = ngramEntropies(own, own, { vocabularySize: Math.max(...own) + 1, maxOrder: 1 });
    expect(first).toBeCloseTo(unigramEntropy(own), 3);
  });

  test('orders beyond the length of the text change nothing', () => {
    const entropies = ngramEntropies(ids('ab'), ids('aba'), { vocabularySize: 2, maxOrder: 20 });
    expect(entropies).toHaveLength(20);
    expect(new Set(entropies.slice(3)).size).toBe(1);
  });

  test('the time of order 10 grows with the text', () => {
    const random = new Random(1);
    const text = Int32Array.from({ length: 160_000 }, () => Math.floor(random.uniform() ** 2 * 90));
    const options = { vocabularySize: 90, maxOrder: 10 };
    const growth = cpuGrowth(text.length, (length) => {
      ngramEntropies(text.subarray(0, 0.9 * length), text.subarray(0.9 * length, length), options);
    });
    expect(growth).toBeLessThan(32);
  });

  test('memory grows with distinct n-grams, and little with the text', () => {
    const text = Int32Array.from({ length: 2_000_000 }, (_, i) => i % 7);
    const before = process.memoryUsage().arrayBuffers;
    const scores = ngramScores(text, text.subarray(0, 1000), { vocabularySize: 7, maxOrder: 2 });
    for (const { order } of scores) {
      // 4 bytes a character and order; with room for each to be distinct, it was 70 MB.
      expect(process.memoryUsage().arrayBuffers - before, `order ${order}`).toBeLessThan(3e7);
    }
  });

  test.each([
    ['maxOrder = 0', { vocabularySize: 2, maxOrder: 0 }],
    ['maxOrder = 21', { vocabularySize: 2, maxOrder: 21 }],
    ['maxOrder = 1.5', { vocabularySize: 2, maxOrder: 1.5 }],
    ['vocabularySize = 0', { vocabularySize: 0, maxOrder: 2 }],
  ])('refuse %s', (named, options) => {
    const call = () => ngramScores(ids('ab'), ids('ab'), options);
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(named);
  });

  test('refuse an empty text', () => {
    const options = { vocabularySize: 2, maxOrder: 2 };
    const none = new Int32Array(0);
    expect(() => ngramScores(none, ids('ab'), options)).toThrow(TextError);
    expect(() => ngramScores(ids('ab'), none, options)).toThrow(/^heldOut/);
  });
});

describe('NgramModel', () => {
  /** A text, a character at a time. */
  const walk = (model: NgramModel, text: Ids): number[] => {
    let state = model.start();
    return Array.from(text, (id) => {
      const step = model.next(state, id);
      state = step.state;
      return Math.exp(step.logProbability);
    });
  };
  const close = (found: readonly number[], wanted: ArrayLike<number>): void => {
    expect(found).toHaveLength(wanted.length);
    for (const [i, p] of found.entries()) expect(p).toBeCloseTo(wanted[i], 12);
  };

  test('has the probabilities of ngramScores', () => {
    const symbols = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(symbols, symbols, fc.integer({ min: 1, max: 5 }), (train, heldOut, order) => {
        const [counted, read] = [Uint8Array.from(train), Uint8Array.from(heldOut)];
        const model = new NgramModel(counted, { vocabularySize: 5, order });
        close(walk(model, read), probabilities(counted, read, 5, order));
      }),
    );
  });

  test('of a story too, and they sum to 1 behind any state', () => {
    const text = ids(bundledText.slice(0, 17_000));
    const size = Math.max(...text) + 1;
    const [train, heldOut] = [text.subarray(0, 15_000), text.subarray(15_000, 17_000)];
    const model = new NgramModel(train, { vocabularySize: size, order: 5 });
    close(walk(model, heldOut), probabilities(train, heldOut, size, 5));
    let state = model.start();
    for (const id of heldOut.subarray(0, 50)) {
      let sum = 0;
      for (let next = 0; next < size; next++)
        sum += Math.exp(model.next(state, next).logProbability);
      expect(sum).toBeCloseTo(1, 10);
      state = model.next(state, id).state;
    }
  });

  test('refuses what it does not know', () => {
    const model = new NgramModel(Uint8Array.of(0, 1, 0), { vocabularySize: 2, order: 2 });
    expect(() => model.next(0, 2)).toThrow(IndexError);
    expect(() => model.next(0, 2)).toThrow(/id = 2; the vocabulary has 2 ids/);
    const make = (order: number, text = [0]) =>
      new NgramModel(Uint8Array.from(text), { vocabularySize: 2, order });
    expect(() => make(0)).toThrow(ArgumentError);
    expect(() => make(1, [])).toThrow(TextError);
    expect(() => make(1, [0, 1, 2])).toThrow(IndexError);
    expect(() => make(1, [0, 1, 2])).toThrow(/ids\[2\] = 2; the vocabulary has 2 ids/);
    const given = (ids: unknown) => () =>
      new NgramModel(ids as Ids, { vocabularySize: 2, order: 1 });
    expect(given([0, -1])).toThrow(/ids\[1\] = -1/);
    expect(given([0.5])).toThrow(/ids\[0\] = 0.5/);
    expect(given('abc')).toThrow(ArgumentError);
    expect(given('abc')).toThrow(/ids = abc; a list of ids is needed/);
  });
});
