/** What the studio's worker for texts holds, and how the text of a checkpoint is read. */
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { bundled } from '../../demos/train/form';
import { giveTextFile } from '../../demos/train/importing';
import type { GivenText } from '../../demos/train/protocol';
import { rateCourse } from '../../demos/train/rate_course';
import type { TextService } from '../../demos/train/text_protocol';
import { waiting } from '../../demos/train/waiting';
import { ngramScores, splitText, textStatistics, Vocabulary } from '../../src/text/index';
import { completeConfig, markText } from '../../src/train/index';
import type { TrainConfig } from '../../src/train/index';

const worker = vi.hoisted((): { service?: unknown } => ({}));
vi.mock('comlink', () => ({
  expose: (service: unknown) => (worker.service = service),
  transfer: (value: unknown) => value,
  transferHandlers: new Map(),
}));
vi.stubGlobal('postMessage', () => {});
await import('../../demos/train/text_worker');
const service = worker.service as TextService;

const imported = vi.hoisted(() =>
  vi.fn<(bytes: unknown, name: string, given?: unknown) => Promise<unknown>>(),
);
vi.mock('../../demos/train/service', () => ({
  connect: () => ({ importRun: imported }),
  answered: (work: unknown) => work,
}));
vi.mock('../../demos/train/text_store', () => ({
  textService: () => worker.service,
  textAnswered: (work: unknown) => work,
}));
vi.mock('../../demos/train/keeping', () => ({ takeOver: () => {} }));

describe('the worker for texts', () => {
  const text = 'the quick brown fox jumps over the lazy dog.\n'.repeat(20);
  const query = { batch: 2, seq: 8, validFraction: 0.1, step: 0, rows: 1, columns: 8, around: 4 };

  test('encodes a text once, for statistics, streams and n-grams', async () => {
    const again = [
      vi.spyOn(Vocabulary.prototype, 'encode'),
      vi.spyOn(Vocabulary, 'fromText'),
    ] as const;
    const counted = service.take(text);
    const view = service.streams(query);
    const told: number[] = [];
    await service.ngrams(0.1, 2, (loss) => told.push(loss));
    for (const spy of again) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
    expect(counted).toEqual(textStatistics(text));
    expect(view?.rows).toEqual([{ before: '', window: 'the quic', after: 'k br' }]);
    const vocabulary = Vocabulary.fromText(text);
    const { train, valid } = splitText(vocabulary.encode(text), 0.1);
    const size = { vocabularySize: vocabulary.size, maxOrder: 2 };
    expect(told).toEqual(Array.from(ngramScores(train, valid, size), ({ entropy }) => entropy));
  });

  test('has nothing to show of an empty text', async () => {
    service.take(text);
    expect(service.take('').characters).toBe(0);
    expect(service.streams(query)).toBeNull();
    const told = vi.fn();
    await service.ngrams(0.1, 2, told);
    expect(told).not.toHaveBeenCalled();
  });
});

describe('the text of a checkpoint, which was read in an encoding that was named', () => {
  const text = 'Füße, Äpfel und Öl. '.repeat(4);
  const encoding = 'windows-1252';

  beforeEach(() => {
    imported.mockReset();
    imported.mockResolvedValue({ id: 'a run' });
    const mark = { ...markText(text, 'texts/oel.txt'), encoding };
    const file = new File(['a checkpoint'], 'checkpoint.safetensors');
    waiting.value = { mark, step: 3, resumes: true, file, other: null };
    bundled.value = { name: 'bundled', text: 'another' };
  });

  test('is read in that one, and says so', async () => {
    expect(await giveTextFile(new File([Buffer.from(text, 'latin1')], 'oel.txt'))).toBeNull();
    const given: GivenText = { begin: 'on', text: { name: 'oel.txt', text, encoding } };
    expect(imported.mock.calls.map((call) => call[2])).toEqual([given]);
    expect(waiting.value).toBeNull();
  });

  test('is another one, in UTF-8', async () => {
    const other = 'Ein anderer Text, größer. ';
    expect(await giveTextFile(new File([other], 'other.txt'))).toBeNull();
    expect(imported).not.toHaveBeenCalled();
    expect(waiting.value?.other).toEqual({ name: 'other.txt', text: other });
    // What is no UTF-8 is in that encoding, if in any.
    await giveTextFile(new File([Buffer.from(other, 'latin1')], 'other.txt'));
    expect(waiting.value?.other).toEqual({ name: 'other.txt', text: other, encoding });
  });
});

test.each<[number, Partial<TrainConfig>]>([
  [1, { schedule: 'constant' }],
  [13, { schedule: 'constant', warmup: 12 }],
  [500, { schedule: 'cosine', steps: 500, scheduleSteps: 40 }],
  [52, { schedule: 'cosine', scheduleSteps: 40, warmup: 12 }],
  [160, { schedule: 'step', scheduleSteps: 40 }],
  [40, { schedule: 'exponential', scheduleSteps: 40 }],
  [459, { schedule: 'exponential', gamma: 0.99 }],
  [463, { schedule: 'exponential', gamma: 1.01 }],
  [1, { schedule: 'exponential', gamma: 1 }],
  [1, { schedule: 'exponential', gamma: 0 }],
])('the course of a rate is drawn over %i steps: %j', (end, config) => {
  const course = rateCourse(completeConfig(config));
  expect(course.end).toBe(end);
  expect(course.rates.every(Number.isFinite)).toBe(true);
});
