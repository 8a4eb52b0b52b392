import type { Example } from '../../demos/tasks/example';
import { ArgumentError } from '../errors';
import type { DeviceKind } from '../tensor/open';
import { typed } from './typed';

export interface TaskFlags {
  seed?: number;
  epochs?: number;
  vectors?: string;
  device: DeviceKind;
  out?: string;
  run?: string;
  resume?: string;
  ask?: string;
  eval?: boolean;
  about?: boolean;
  json?: boolean;
}

/** @throws ArgumentError for a flag that needs a task. */
export function checkListed(flags: TaskFlags): void {
  const { ask, resume, run, out, vectors } = flags;
  const given = Object.entries({
    ask,
    resume,
    run,
    out,
    vectors,
    eval: flags.eval,
    about: flags.about,
  });
  const [flag] = given.find(([, value]) => value !== undefined) ?? [];
  if (flag === undefined) return;
  throw new ArgumentError(`--${flag} needs a task, such as ${typed('task', 'tags', `--${flag}`)}`);
}

/** @throws ArgumentError for flags that do not go together. */
export function checkTaskFlags(example: Example, data: string | undefined, flags: TaskFlags): void {
  const { name } = example;
  const { epochs, run, resume, out, seed, vectors } = flags;
  const uses = flags.ask !== undefined || flags.eval === true;
  const refuse = (message: string): never => {
    throw new ArgumentError(message);
  };
  if (epochs !== undefined && epochs < 1) {
    refuse(`--epochs ${epochs}; an integer from 1 is needed`);
  }
  if (seed !== undefined && seed >= 2 ** 32) {
    refuse(`--seed ${seed}; an integer from 0 to ${2 ** 32 - 1} is needed`);
  }
  if (flags.ask !== undefined && flags.eval) refuse('--ask and --eval: give one of them');
  if (flags.ask !== undefined && !example.ask)
    refuse(`the task ${name} takes no input of one's own`);
  if (flags.ask !== undefined && data !== undefined) {
    refuse(`--ask needs a trained model and no data; leave ${data} out`);
  }
  for (const [flag, value] of Object.entries({ epochs, resume, out, seed, vectors })) {
    if (uses && value !== undefined) refuse(`--${flag} is for training; leave it out`);
  }
  if (!uses && run !== undefined) {
    refuse('--run names a trained model for --ask or --eval; to go on with it, give --resume');
  }
  if (vectors !== undefined && !example.withVectors) {
    refuse(`the task ${name} takes no word vectors; leave --vectors out`);
  }
  if (resume !== undefined && [data, seed, vectors].some((value) => value !== undefined)) {
    refuse('--resume goes on with the data, word vectors and seed of the run; leave them out');
  }
}
