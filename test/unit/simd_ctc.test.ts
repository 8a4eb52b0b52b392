/** The WebAssembly version of the CTC loss, held against the reference. */
import { afterEach, describe, expect, test, vi } from 'vitest';

import { Random } from '../../src/random';
import { ctc } from '../../src/kernels/ctc';
import { ctcInLogarithms } from '../../src/kernels/ctc_sequence';
import { compare, threadsReady } from '../setup/fast_cpu';

vi.mock(import('../../src/kernels/ctc_sequence'), async (original) => {
  const actual = await original();
  return { ...actual, ctcInLogarithms: vi.fn(actual.ctcInLogarithms) };
});
afterEach(() => vi.clearAllMocks());

describe('threads change no bit, and nothing else is touched', () => {
  const random = new Random(21);

  test.each([
    ['more sequences than threads', 7],
    ['fewer', 2],
    ['one', 1],
    ['none', 0],
  ])('%s', async (_, batch) => {
    await threadsReady(3);
    const [time, classes, labels] = [90, 13, 20];
    const values = Array.from({ length: time * batch * classes }, () => 3 * random.normal());
    // Of the second sequence a label is ruled out, which takes logarithms.
    for (let t = 0; t < time && batch > 1; t++) values[(t * batch + 1) * classes + 2] = -1e30;
    const params = {
      ...{ time, batch, classes, labels, longest: labels, blank: 0 },
      ...{ concatenated: 0, first: 0, divide: 1 },
      ...{ gradients: 1, from_log_probs: 0, scale: 0.3, infeasible: Infinity },
    };
    const starts = {
      logits: Float32Array.from(values),
      targets: Int32Array.from({ length: batch * labels }, (_, i) => 1 + ((i * i) % 5)),
      input_lengths: Int32Array.from({ length: batch }, (_, b) => time - 7 * b),
      target_lengths: Int32Array.from({ length: batch }, (_, b) => labels - 3 * b),
      loss: batch,
      dlogits: values.length,
    };
    compare(ctc, params, starts, 2e-6);
  });
});

describe('nothing underflows where a network is on its way', () => {
  const [time, batch, classes, labels] = [300, 2, 12, 100];
  const targets = Int32Array.from({ length: batch * labels }, (_, i) => 1 + ((i * i + i) % 11));
  const due = (t: number): number => Math.floor((t * labels) / time);
  const isMiddle = (t: number): boolean => t % 3 === 1;

  test.each<[string, (t: number, b: number) => [number, number]]>([
    ['nothing learnt', () => [0, 0]],
    ['blanks alone', () => [0, 5]],
    ['blanks alone, and certain', () => [0, 25]],
    ['spikes in their places', (t, b) => [isMiddle(t) ? targets[b * labels + due(t)] : 0, 15]],
    ['spikes at once', (t, b) => [t < 200 && t % 2 ? targets[b * labels + (t >> 1)] : 0, 15]],
    ['spikes of other labels', (t) => [isMiddle(t) ? 1 + (due(t) % 11) : 0, 15]],
    ['certain of other labels', (t) => [1 + (t % 11), 15]],
  ])('%s', (_, likeliest) => {
    const random = new Random(22);
    const logits = Float32Array.from({ length: time * batch * classes }, (_, i) => {
      const [t, b] = [Math.floor(i / classes / batch), Math.floor(i / classes) % batch];
      const [c, more] = likeliest(t, b);
      return random.normal() + (i % classes === c ? more : 0);
    });
    const params = {
      ...{ time, batch, classes, labels, longest: labels, blank: 0 },
      ...{ concatenated: 0, first: 0, divide: 0 },
      ...{ gradients: 1, from_log_probs: 0, scale: 1, infeasible: Infinity },
    };
    const lengths = {
      input_lengths: Int32Array.of(time, time - 1),
      target_lengths: Int32Array.of(labels, labels - 9),
    };
    const calls = batch; // of the reference itself
    compare(
      ctc,
      params,
      { logits, targets, ...lengths, loss: batch, dlogits: logits.length },
      3e-6,
    );
    expect(ctcInLogarithms).toHaveBeenCalledTimes(calls);
  });

  test('a label that is ruled out goes to the reference', () => {
    const logits = new Float32Array(9);
    for (let t = 0; t < 3; t++) logits[3 * t + 1] = -200;
    const params = {
      ...{ time: 3, batch: 1, classes: 3, labels: 1, longest: 1, blank: 0 },
      ...{ concatenated: 0, first: 0 },
      ...{ divide: 0, gradients: 1, from_log_probs: 0, scale: 1, infeasible: Infinity },
    };
    const lengths = { input_lengths: Int32Array.of(3), target_lengths: Int32Array.of(1) };
    compare(
      ctc,
      params,
      { logits, targets: Int32Array.of(1), ...lengths, loss: 1, dlogits: 9 },
      1e-6,
    );
    // Once as the reference, and with one thread and with several.
    expect(ctcInLogarithms).toHaveBeenCalledTimes(3);
  });
});
