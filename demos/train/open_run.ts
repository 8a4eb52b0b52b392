import { ArgumentError } from '../../src/errors';
import { openDevice } from '../../src/index';
import type { Device } from '../../src/index';
import {
  CHANGEABLE,
  CharTrainer,
  initFromCheckpoint,
  readCheckpoint,
  resumeTraining,
} from '../../src/train/index';
import type { TrainConfig } from '../../src/train/index';
import { EMPTY } from './journal';
import type { Journal } from './protocol';
import { Run } from './run';
import type { Beginning } from './run';
import type { SavedRun } from './run_file';

/** Opens the device and makes the model. Throws what they throw, and leaves nothing behind. */
export function openRun(start: Beginning): Promise<Run> {
  const { source, settings } = start;
  return on(start, EMPTY, (device) => new CharTrainer(device, source.text, settings.train));
}

/** Goes on with a run that was saved. Throws what cannot be read or does not fit. */
export async function resumeRun(saved: SavedRun, beginning: Beginning): Promise<Run> {
  const { checkpoint, journal, mark, best } = saved;
  const start = { ...beginning, mark, best };
  const read = readCheckpoint(checkpoint, start.source.name);
  const { train } = start.settings;
  const changes: Partial<TrainConfig> = Object.fromEntries(
    CHANGEABLE.filter((name) => train[name] !== undefined).map((name) => [name, train[name]]),
  );
  return on(start, journal, (device) => resumeTraining(device, start.source.text, read, changes));
}

/** Begins with the weights of a checkpoint. Throws what does not fit. */
export async function beginRun(checkpoint: Uint8Array, start: Beginning): Promise<Run> {
  const { source, settings } = start;
  const read = readCheckpoint(checkpoint, source.name);
  return on(start, EMPTY, async (device) => {
    return (await initFromCheckpoint(device, source.text, read, settings.train)).trainer;
  });
}

async function on(
  start: Beginning,
  journal: Journal,
  make: (device: Device) => CharTrainer | Promise<CharTrainer>,
): Promise<Run> {
  const { device: kind, stopAfter = 0 } = start.settings;
  if (!Number.isSafeInteger(stopAfter) || stopAfter < 0) {
    throw new ArgumentError(`stopAfter = ${stopAfter}; an integer from 0 is needed`);
  }
  const device = await openDevice(kind);
  try {
    return new Run(device, await make(device), journal, start);
  } catch (error) {
    device.dispose();
    throw error;
  }
}
