/** What the studio's page works out by itself, with a worker that the test makes up. */
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { Asked } from '../../demos/shared/asked';
import { WorkerLink } from '../../demos/shared/worker_link';
import { ngramsCapped } from '../../demos/train/baselines';
import type { Look } from '../../demos/train/cells/protocol';
import { refresh } from '../../demos/train/cells/looking';
import { look, looking, lookProblem, ownText, place } from '../../demos/train/cells/store';
import { mistakes, watch } from '../../demos/train/errors/store';
import { runSettings, source, statistics, typed } from '../../demos/train/form';
import { begin } from '../../demos/train/kept_runs';
import { once } from '../../demos/train/lazy_service';
import { phase } from '../../demos/train/store';

const asked = vi.hoisted(() => vi.fn<(text: string) => Promise<unknown>>());
const read = vi.hoisted(() => vi.fn<() => Promise<unknown>>());
vi.mock('../../demos/train/service', async () => {
  const { signal } = await import('@preact/signals');
  const service = { cells: { look: asked }, errors: { read } };
  return { connect: () => service, abandoned: signal(0) };
});
// It counts texts in a worker of its own.
vi.mock('../../demos/train/text_store', () => ({
  textService: () => ({}),
  textAnswered: (work: unknown) => work,
}));

describe('inside the cells', () => {
  beforeEach(() => {
    asked.mockReset();
    place.value = 'own';
    ownText.value = 'abc';
    phase.value = 'paused';
  });

  test('a look, and one that fails: the look before stays', async () => {
    const seen: Look = { text: 'abc', step: 3, layers: [], claims: [], guesses: [] };
    asked.mockResolvedValueOnce({ value: seen });
    const first = refresh();
    expect(looking.value).toBe(true);
    await first;
    expect(asked).toHaveBeenCalledExactlyOnceWith('abc');
    expect([look.value, looking.value, lookProblem.value]).toEqual([seen, false, null]);

    asked.mockRejectedValueOnce(new Error('out of memory'));
    await refresh();
    expect(lookProblem.value).toEqual({ kind: 'other', message: 'out of memory' });
    expect([look.value, looking.value]).toEqual([seen, false]);
  });

  test('a text that goes while another is read is not asked about', async () => {
    let finish!: (answer: unknown) => void;
    asked.mockReturnValueOnce(new Promise((resolve) => (finish = resolve)));
    const first = refresh();
    await refresh();
    ownText.value = '';
    finish({ value: { text: 'abc', step: 4, layers: [], claims: [], guesses: [] } });
    await first;
    expect(asked).toHaveBeenCalledOnce();
    expect(look.value?.step).toBe(4);
    expect([looking.value, lookProblem.value]).toEqual([false, null]);
  });
});

test('an answer that makes its reader throw does not keep the next question waiting', async () => {
  let gone = false;
  const asked = new Asked(
    () => ({}),
    async () => ({ value: { gone } }),
  );
  const stop = asked.value.subscribe((value) => {
    if (value?.gone) throw new Error('the node is gone');
  });
  await asked.ask();
  gone = true;
  await expect(asked.ask()).rejects.toThrow('the node is gone');
  expect(asked.waiting.value).toBe(false);
  stop();
  gone = false;
  await asked.ask();
  expect(asked.value.value).toEqual({ gone: false });
});

test('what is known of a run is dropped as another is asked about, and so is what is under way', async () => {
  const answers = ['of a', 'of a, late', 'of b'];
  const asked = new Asked(
    () => service,
    () => Promise.resolve({ value: answers.shift()! }),
  );
  const service = {};
  asked.about('a');
  await asked.ask();
  asked.about('a');
  expect(asked.value.value).toBe('of a');
  const late = asked.ask();
  asked.about('b');
  expect([asked.value.value, asked.waiting.value]).toEqual([null, false]);
  const next = asked.ask();
  await late;
  expect(asked.value.value).not.toBe('of a, late');
  await next;
  expect(asked.value.value).toBe('of b');
});

test('the errors of a run go as another with as many steps is opened', async () => {
  const first = { step: 0, text: 'first' };
  const second = { step: 0, text: 'second' };
  const open = (key: string) => begin(source.peek(), runSettings.peek(), key);
  read.mockResolvedValueOnce({ value: first }).mockResolvedValueOnce({ value: second });
  phase.value = 'paused';
  open('first');
  const stop = watch();
  await vi.waitFor(() => expect(mistakes.value).toEqual(first));
  open('first');
  expect(mistakes.value).toEqual(first);
  open('second');
  expect(mistakes.value).toBeNull();
  await vi.waitFor(() => expect(mistakes.value).toEqual(second));
  stop();
});

test('a part that could not be loaded is loaded at the next call, and once', async () => {
  const load = vi.fn<() => Promise<string>>().mockResolvedValue('there');
  load.mockRejectedValueOnce(new Error('no network'));
  const part = once(load);
  await expect(part()).rejects.toThrow('no network');
  expect([await part(), await part()]).toEqual(['there', 'there']);
  expect(load).toHaveBeenCalledTimes(2);
});

test('what a worker was asked is let go as it is ended', async () => {
  const link = new WorkerLink(() => ({}) as Worker, vi.fn());
  const heard = vi.fn();
  const subscribe = link.ended.subscribe.bind(link.ended);
  vi.spyOn(link.ended, 'subscribe').mockImplementation((listen) =>
    subscribe((count) => {
      heard(count);
      listen(count);
    }),
  );
  const answer = link.answered(new Promise(() => {}));
  link.end();
  await expect(answer).rejects.toThrow('ended meanwhile');
  link.end();
  expect(heard.mock.calls).toEqual([[0], [1]]);
});

test('n-grams are capped where the training part is longer than the limit', () => {
  const settle = (characters: number, share: string) => {
    source.value = { name: 'a text', text: 'a'.repeat(characters) };
    statistics.value = { ...statistics.value, characters };
    typed.validFraction.value = share;
    return ngramsCapped.value;
  };
  // Counted: 2,000,000; held out at most: 20,000.
  expect(settle(2_000_001, '0')).toBe(true);
  expect(settle(2_000_001, '0.1')).toBe(false);
  expect(settle(2_010_000, '0.1')).toBe(false);
  expect(settle(2_020_001, '0.1')).toBe(true);
  expect(settle(2_000_000, '0')).toBe(false);
});
