/** What becomes of the form's settings, and of what was wrong, around a trained model that is opened. */
import { beforeEach, describe, expect, test, vi } from 'vitest';

import * as form from '../../demos/train/form';
import { EMPTY } from '../../demos/train/journal';
import { takeOver } from '../../demos/train/keeping';
import { MODELS } from '../../demos/train/models';
import type { RestoredRun, RunInfo } from '../../demos/train/protocol';
import { clearRun, info, phase, problem } from '../../demos/train/store';
import { setText } from '../../demos/train/text_store';

vi.mock('../../demos/shared/worker_link', () => ({
  WorkerLink: class {
    connect = () => ({ take: () => new Promise(() => {}) });
    answered = (work: unknown) => work;
  },
}));

const INFO = { parameters: 1, device: { kind: 'cpu' } } as RunInfo;

/** A run of 8 units without an end, with the weights of `from`. */
function run(from?: string): RestoredRun {
  const train = { hidden: 8, lr: 0.5, schedule: 'constant' } as const;
  return {
    ...{ id: String(from), info: INFO, journal: EMPTY, kept: { step: 0 } },
    source: { name: 'a text', text: 'text' },
    settings: { train, device: 'auto', temperature: 1, stopAfter: 0, from },
  };
}

beforeEach(() => {
  phase.value = 'idle';
  clearRun();
  setText('mine', 'my text');
  form.typed.hidden.value = 'forty';
  form.device.value = 'cpu';
  form.schedule.value = 'cosine';
  form.stopAfter.value = '7';
});

const settings = () => [
  form.typed.hidden.value,
  form.device.value,
  form.schedule.value,
  form.stopAfter.value,
];
const [FIRST, SECOND] = MODELS.map(({ name }) => name);

describe('the settings', () => {
  test('have no forget bias for a cell without a forget gate, and what was typed for it stays', () => {
    form.forgetBias.value = '2';
    form.cell.value = 'gru';
    expect(form.runSettings.value.train.forgetBias).toBe(null);
    form.cell.value = 'lstm';
    expect(form.runSettings.value.train.forgetBias).toBe(2);
    form.forgetBias.value = '';
  });

  test('are those from before a trained model once that is gone, also after another', () => {
    takeOver(run(FIRST));
    expect(settings()).toEqual(['8', 'auto', 'constant', '0']);
    takeOver(run(SECOND));
    phase.value = 'idle';
    expect(settings()).toEqual(['forty', 'cpu', 'cosine', '7']);
    expect(form.source.value.name).toBe('a text');
    // Those of later stay.
    form.typed.hidden.value = '9';
    phase.value = 'opening';
    phase.value = 'idle';
    expect(form.typed.hidden.value).toBe('9');
  });

  test("stay those of a run of one's own", () => {
    takeOver(run(FIRST));
    takeOver(run());
    phase.value = 'idle';
    expect(settings()).toEqual(['8', 'auto', 'constant', '0']);
  });
});

describe('with another text goes', () => {
  test('why a run did not begin', () => {
    problem.value = { kind: 'text', message: 'the text is empty' };
    setText('mine', 'another text');
    expect(problem.value).toBeNull();
  });

  test('nothing of a run that ended', () => {
    info.value = INFO;
    problem.value = { kind: 'text', message: 'ended' };
    setText('mine', 'yet another');
    expect(problem.value).not.toBeNull();
  });
});
