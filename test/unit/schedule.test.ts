/** Learning rates that follow the length of a run, and settings that change as it goes on. */
import { describe, expect, test } from 'vitest';
import { ArgumentError, openDevice } from '../../src/index';
import { encodeSafetensors } from '../../src/io/safetensors';
import {
  CHANGEABLE,
  changedConfig,
  CharTrainer,
  completeConfig,
  DEFAULTS,
  markText,
  readCheckpoint,
  resumeTraining,
  saveCheckpoint,
  SCHEDULES,
} from '../../src/train/index';
import type { Checkpoint, TrainConfig } from '../../src/train/index';
import { makeSchedule } from '../../src/train/setup';
import { thrown } from '../setup/nn_helpers';

const TEXT = 'a text to learn, again and again. '.repeat(12);
const TINY = { hidden: 4, embedding: 4, batch: 2, seq: 8, lr: 0.01, validFraction: 0 } as const;

const rate = (config: Partial<TrainConfig>) => makeSchedule(completeConfig(config));

async function checkpointOf(config: Partial<TrainConfig>, steps: number): Promise<Checkpoint> {
  const trainer = new CharTrainer(await openDevice('cpu'), TEXT, config);
  for (let i = 0; i < steps; i++) await trainer.trainStep();
  const bytes = await saveCheckpoint(trainer, markText(TEXT, 'text'));
  trainer.dispose();
  return readCheckpoint(bytes);
}

/** As the versions wrote it whose schedules did not follow the run. */
function earlier({ header, tensors }: Checkpoint, changes: Partial<TrainConfig>): Checkpoint {
  const { steps, ...config } = { ...header.config, scheduleSteps: 1000, gamma: 0.5, ...changes };
  expect(steps).toBeNull();
  const metadata = { lethe: JSON.stringify({ ...header, config }) };
  return readCheckpoint(encodeSafetensors(tensors, metadata));
}

describe('a schedule without settings of its own', () => {
  test.each([300, 2000, 100_000])('follows a run of %i steps', (steps) => {
    for (const schedule of SCHEDULES) {
      for (const warmup of [0, 10]) {
        const at = rate({ schedule, steps, warmup });
        expect(at(warmup)).toBe(1);
        // The first half of a run learns at a rate that learns.
        const half = at(warmup + (steps - warmup) / 2 - 1);
        expect(half, schedule).toBeGreaterThan(0.09);
        const rates = Array.from({ length: 100 }, (_, i) =>
          at(warmup + Math.floor((i * (steps - warmup)) / 100)),
        );
        expect(rates, schedule).toEqual([...rates].sort((a, b) => b - a));
      }
    }
    const last = (schedule: TrainConfig['schedule']) => rate({ schedule, steps })(steps - 1);
    expect(last('constant')).toBe(1);
    expect(last('cosine')).toBeLessThan(1e-4);
    expect(last('exponential')).toBeCloseTo(0.01, 3);
    const drops = rate({ schedule: 'step', steps });
    const kinds = new Set(Array.from({ length: steps }, (_, step) => drops(step)));
    expect([...kinds]).toEqual([1, 0.5, 0.25, 0.125]);
  });

  test('a cosine stays at its floor', () => {
    for (const at of [
      rate({ schedule: 'cosine', steps: 50 }),
      rate({ schedule: 'cosine', steps: 2000, scheduleSteps: 50 }),
    ]) {
      expect([50, 51, 99, 100, 1000].map((step) => at(step))).toEqual([0, 0, 0, 0, 0]);
    }
  });

  test('what is given is obeyed', () => {
    expect(rate({ schedule: 'exponential', gamma: 0.9, steps: 100 })(2)).toBeCloseTo(0.81, 12);
    expect(rate({ schedule: 'exponential', scheduleSteps: 10 })(10)).toBeCloseTo(0.01, 12);
    expect(rate({ schedule: 'step', gamma: 0.1, scheduleSteps: 3 })(6)).toBeCloseTo(0.01, 12);
    expect(rate({ schedule: 'step', gamma: 0.1, steps: 400 })(100)).toBeCloseTo(0.1, 12);
    expect(rate({ schedule: 'cosine', scheduleSteps: 100, steps: 1000 })(50)).toBeCloseTo(0.5, 12);
    // A warm-up longer than the run leaves a schedule nothing to follow.
    expect(rate({ schedule: 'cosine', steps: 5, warmup: 10 })(4)).toBeLessThan(1);
  });

  test('a run without end has none', () => {
    for (const schedule of SCHEDULES) {
      if (schedule === 'constant') expect(completeConfig({ schedule }).steps).toBeNull();
      else {
        expect(thrown(ArgumentError, () => completeConfig({ schedule }))).toContain(
          `schedule = ${schedule}`,
        );
      }
    }
    expect(completeConfig({ schedule: 'exponential', gamma: 0.99 }).gamma).toBe(0.99);
  });
});

test('a report tells the rate of its last step, and the epoch with its fraction', async () => {
  const config = { ...TINY, schedule: 'exponential', steps: 40 } as const;
  const trainer = new CharTrainer(await openDevice('cpu'), TEXT, config);
  for (let step = 1; step <= 30; step++) {
    await trainer.trainStep();
    const report = (await trainer.report())!;
    expect(report.lr).toBeCloseTo(0.01 * 0.01 ** ((step - 1) / 40), 12);
    expect(report.epoch).toBeCloseTo(step / trainer.stepsPerEpoch, 12);
  }
  expect(trainer.step).toBeGreaterThan(trainer.stepsPerEpoch);
  trainer.dispose();
});

describe('settings that change as a run goes on', () => {
  test('those that may, and no others', async () => {
    const checkpoint = await checkpointOf(TINY, 3);
    const device = await openDevice('cpu');
    const changes: Partial<TrainConfig> = {
      ...{ steps: 90, lr: 0.005, schedule: 'cosine', scheduleSteps: 80, gamma: 0.3 },
      ...{ warmup: 2, clip: 1, clipValue: 2, dropout: 0.4 },
    };
    expect(Object.keys(changes).sort()).toEqual([...CHANGEABLE].sort());
    const trainer = resumeTraining(device, TEXT, checkpoint, changes);
    expect(trainer.config).toEqual({ ...checkpoint.header.config, ...changes });
    expect(trainer.step).toBe(3);
    await trainer.trainStep();
    expect(trainer.optimizer.lr).toBeCloseTo(0.005 * ((1 + Math.cos((Math.PI * 1) / 80)) / 2), 12);
    trainer.dispose();
    for (const name of Object.keys(DEFAULTS) as (keyof TrainConfig)[]) {
      if ((CHANGEABLE as readonly string[]).includes(name)) continue;
      const value = typeof DEFAULTS[name] === 'number' ? Number(DEFAULTS[name]) + 1 : 'other';
      const changed = { [name]: value } as Partial<TrainConfig>;
      expect(
        thrown(ArgumentError, () => resumeTraining(device, TEXT, checkpoint, changed)),
      ).toMatch(new RegExp(`^${name} = ${value}; .*clip.*dropout.* can`));
    }
    thrown(ArgumentError, () => resumeTraining(device, TEXT, checkpoint, { lr: -1 }));
    expect(device.memory().liveTensors).toBe(0);
  });

  test('dropout begins, and ends, in the middle of a run', async () => {
    const checkpoint = await checkpointOf({ ...TINY, layers: 2 }, 3);
    const loss = async (dropout?: number) => {
      const changes = dropout === undefined ? {} : { dropout };
      const trainer = resumeTraining(await openDevice('cpu'), TEXT, checkpoint, changes);
      await trainer.trainStep();
      return (await trainer.report())!.loss;
    };
    expect(await loss()).toBe(await loss(0));
    expect(await loss(0.5)).not.toBe(await loss(0));
  });

  test('more steps stretch a schedule that follows the run, a named one begins anew', () => {
    const run = completeConfig({ schedule: 'cosine', steps: 100 });
    expect(makeSchedule(run)(100)).toBe(0);
    expect(makeSchedule(changedConfig(run, { steps: 200 }))(100)).toBeCloseTo(0.5, 12);
    const fixed = completeConfig({ schedule: 'cosine', steps: 100, scheduleSteps: 100 });
    expect(makeSchedule(changedConfig(fixed, { steps: 200 }))(100)).toBe(0);
    const anew = changedConfig(fixed, { steps: 200, schedule: 'step' });
    expect(anew.scheduleSteps).toBeNull();
    expect(makeSchedule(anew)(100)).toBe(0.25);
  });
});

describe('a checkpoint of before', () => {
  test('without a schedule it may take one that follows the run', async () => {
    const { header } = earlier(await checkpointOf(TINY, 1), {});
    expect(header.config).toMatchObject({ steps: null, scheduleSteps: null, gamma: null });
    const config = changedConfig(header.config, { schedule: 'exponential', steps: 500 });
    expect(makeSchedule(config)(500)).toBeCloseTo(0.01, 12);
  });

  test.each(['step', 'exponential', 'cosine'] as const)('goes on by its %s', async (schedule) => {
    const given = { schedule, scheduleSteps: 4, gamma: 0.5 } as const;
    const checkpoint = earlier(await checkpointOf({ ...TINY, ...given }, 3), given);
    const trainer = resumeTraining(await openDevice('cpu'), TEXT, checkpoint, { steps: 10 });
    const rates: number[] = [];
    for (let i = 0; i < 3; i++) {
      await trainer.trainStep();
      rates.push(trainer.optimizer.lr / TINY.lr);
    }
    const expected = {
      step: [1, 0.5, 0.5],
      exponential: [0.125, 0.0625, 0.03125],
      // It rose again once.
      cosine: [(1 + Math.cos((Math.PI * 3) / 4)) / 2, 0, 0],
    };
    for (const [i, value] of expected[schedule].entries()) expect(rates[i]).toBeCloseTo(value, 12);
    trainer.dispose();
  });
});
