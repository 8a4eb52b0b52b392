import type { Command } from 'commander';
import { Option } from 'commander';

import { DEVICE_KINDS } from '../tensor/open';
import { CELL_NAMES, DEFAULTS, OPTIMIZERS, SCHEDULES } from '../train/config';
import type { TrainConfig } from '../train/config';
import { LOOP_DEFAULTS, LOOP_NAMES, STEPS } from './config_file';
import type { LoopSettings, Settings } from './config_file';
import { ENCODING_HELP } from './files';
import { count, integer, number } from './numbers';
import { path } from './typed';

export interface Flags
  extends Partial<Omit<TrainConfig, 'validFraction' | 'recurrentInit'>>, Partial<LoopSettings> {
  valid?: number;
  init?: TrainConfig['recurrentInit'];
  out?: string;
  config?: string;
  resume?: string;
  initFrom?: string;
  json?: boolean;
}

/** The flags of `lethe train`, on its command. */
export function addTrainFlags(command: Command): Command {
  const choice = (flag: string, text: string, choices: readonly string[]): Option =>
    new Option(flag, text).choices(choices);
  return command
    .argument('[file]', 'text to learn (default: a story that comes with Lethe)', path)
    .option('--encoding <name>', ENCODING_HELP)
    .addOption(choice('--cell <cell>', `recurrent cell (default: ${DEFAULTS.cell})`, CELL_NAMES))
    .option('--hidden <n>', `units per layer (default: ${DEFAULTS.hidden})`, integer)
    .option('--layers <n>', `recurrent layers (default: ${DEFAULTS.layers})`, integer)
    .option(
      '--embedding <n>',
      `embedding width, 0 for one-hot (default: ${DEFAULTS.embedding})`,
      integer,
    )
    .option('--dropout <p>', `probability of dropping (default: ${DEFAULTS.dropout})`, number)
    .addOption(
      choice('--init <how>', 'how recurrent weights start (default: uniform)', [
        'uniform',
        'orthogonal',
      ]),
    )
    .option('--forget-bias <b>', 'bias of a gate f at first (default: as the cell has it)', number)
    .option('--batch <n>', `streams side by side (default: ${DEFAULTS.batch})`, integer)
    .option('--seq <n>', `characters per stream and step (default: ${DEFAULTS.seq})`, integer)
    .addOption(
      choice('--optimizer <name>', `update rule (default: ${DEFAULTS.optimizer})`, OPTIMIZERS),
    )
    .option('--lr <rate>', `learning rate (default: ${DEFAULTS.lr})`, number)
    .addOption(
      choice(
        '--schedule <name>',
        `of the rate, over the whole run (default: ${DEFAULTS.schedule})`,
        SCHEDULES,
      ),
    )
    .option(
      '--schedule-steps <n>',
      'steps to the end of cosine and exponential (default: those after the warm-up), ' +
        'or between drops of step (default: a quarter of those)',
      integer,
    )
    .option(
      '--gamma <factor>',
      'factor of each drop of step (default: 0.5), or of each step of exponential (default: what ' +
        'comes to 0.01 at its end)',
      number,
    )
    .option('--warmup <n>', 'steps of linear warm-up before the schedule (default: 0)', integer)
    .option(
      '--clip <norm>',
      `largest gradient norm, 0 for none (default: ${DEFAULTS.clip})`,
      number,
    )
    .option('--clip-value <x>', 'largest gradient element, 0 for none (default: 0)', number)
    .option('--valid <share>', `held out at the end (default: ${DEFAULTS.validFraction})`, number)
    .option('--seed <n>', `random seed (default: ${DEFAULTS.seed})`, integer)
    .addOption(
      choice('--device <kind>', `where to run (default: ${LOOP_DEFAULTS.device})`, DEVICE_KINDS),
    )
    .option('--steps <n>', `steps in all (default: ${STEPS})`, integer)
    .option(
      '--log-every <n>',
      `steps between reports (default: ${LOOP_DEFAULTS.logEvery})`,
      integer,
    )
    .option(
      '--eval-every <n>',
      `steps between evaluations on the held-out text, 0 never (default: ${LOOP_DEFAULTS.evalEvery})`,
      count,
    )
    .option(
      '--patience <n>',
      'end after so many evaluations in a row without a lower held-out loss, 0 never (default: 0)',
      count,
    )
    .option(
      '--sample-every <n>',
      'steps between samples, 0 never (default: 100; 0 with --json)',
      count,
    )
    .option(
      '--save-every <n>',
      `steps between checkpoints, 0 only at the end (default: ${LOOP_DEFAULTS.saveEvery})`,
      count,
    )
    .option('--prime <text>', 'what samples begin with')
    .option('--length <n>', `characters of a sample (default: ${LOOP_DEFAULTS.length})`, count)
    .option('--temperature <t>', `of samples (default: ${LOOP_DEFAULTS.temperature})`, number)
    .option('--out <folder>', 'where the run goes (default: a new folder in runs/)', path)
    .option(
      '--config <file>',
      "settings as JSON, such as a run's config.json; flags go before",
      path,
    )
    .option('--resume <run>', 'go on with a run: its folder, or a checkpoint by any name', path)
    .option('--init-from <run>', 'begin a new run with the weights of a run or a checkpoint', path)
    .option('--json', 'one JSON object a line instead of the progress bar');
}

/** The settings that were given on the command line. */
export function givenSettings(flags: Flags): Settings {
  const given: Record<string, unknown> = {
    ...flags,
    validFraction: flags.valid,
    recurrentInit: flags.init,
  };
  const pick = <T>(names: readonly string[]): Partial<T> =>
    Object.fromEntries(
      names.map((name) => [name, given[name]]).filter(([, value]) => value !== undefined),
    ) as Partial<T>;
  return { train: pick(Object.keys(DEFAULTS)), loop: pick(Object.keys(LOOP_NAMES)) };
}
