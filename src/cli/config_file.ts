import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import packageJson from '../../package.json' with { type: 'json' };
import { ArgumentError, LetheError } from '../errors';
import { reasonOf } from '../io/reason';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import { DEVICE_KINDS } from '../tensor/open';
import type { DeviceKind } from '../tensor/open';
import { completeConfig, DEFAULTS, withoutFormer } from '../train/config';
import type { TrainConfig } from '../train/config';

/** Length of a run that is not told. */
export const STEPS = 1000;

/** How `lethe train` goes about it, beside what it trains. */
export interface LoopSettings {
  device: DeviceKind;
  /** Of the text; left out, by its byte order mark. */
  encoding?: string;
  logEvery: number;
  evalEvery: number;
  saveEvery: number;
  /** Null: 100, or 0 with --json. */
  sampleEvery: number | null;
  patience: number;
  /** Of samples. */
  prime?: string;
  length: number;
  temperature: number;
}

export const LOOP_NAMES: OptionNames<LoopSettings> = {
  ...{
    device: true,
    encoding: true,
    logEvery: true,
    evalEvery: true,
    saveEvery: true,
    sampleEvery: true,
  },
  ...{ patience: true, prime: true, length: true, temperature: true },
};

export const LOOP_DEFAULTS: Readonly<LoopSettings> = {
  device: 'auto',
  logEvery: 10,
  evalEvery: 100,
  saveEvery: 100,
  sampleEvery: null,
  patience: 0,
  length: 300,
  temperature: 0.8,
};

/** Settings from the command line or a file; what is left out is decided elsewhere. */
export interface Settings {
  train: Partial<TrainConfig>;
  loop: Partial<LoopSettings>;
  /** The text's name. */
  text?: string;
}

/** The content of a run's `config.json`, which `readConfig` takes back. */
export function configJson(train: TrainConfig, loop: LoopSettings, text: string): string {
  const { version } = packageJson;
  return `${JSON.stringify({ lethe: version, text, ...train, ...loop }, null, 2)}\n`;
}

/**
 * Reads settings as JSON: an object with the names of `TrainConfig` and `LoopSettings`, of which any may
 * be left out, `text`, and `lethe`, the version that wrote it.
 *
 * @throws ArgumentError naming the file, and a setting that is unknown or out of range.
 */
export async function readConfig(path: string): Promise<Settings> {
  const values = withoutFormer(await readObject(path));
  const names = { ...NAMES, ...LOOP_NAMES, text: true, lethe: true } as const;
  checkOptions(path, values, names);
  const pick = (of: object): Record<string, unknown> =>
    Object.fromEntries(Object.entries(values).filter(([name]) => name in of));
  const [train, loop] = [pick(DEFAULTS), pick(LOOP_NAMES)];
  const { text } = values;
  try {
    // Whether the cell has a gate for the bias is known only once flags are laid over the file.
    completeConfig({ steps: STEPS, ...train, forgetBias: null });
    checkLoop({ ...LOOP_DEFAULTS, ...loop });
    if (text !== undefined && (typeof text !== 'string' || text === '')) {
      throw new ArgumentError(`text = ${JSON.stringify(text)}; the name of a file is needed`);
    }
  } catch (error) {
    if (!(error instanceof LetheError)) throw error;
    throw new ArgumentError(`${path}: ${error.message}`);
  }
  return { train, loop, ...(text === undefined ? {} : { text }) };
}

/**
 * How an earlier run went about it, by its `config.json`; nothing where there is none, or it is of another
 * program. The encoding is left out: it is that of the run's text, and in its checkpoint.
 *
 * @throws ArgumentError as `readConfig`.
 */
export async function readRunLoop(path: string): Promise<Partial<LoopSettings>> {
  if (!existsSync(path) || !('lethe' in (await readObject(path)))) return {};
  const { loop } = await readConfig(path);
  delete loop.encoding;
  return loop;
}

const NAMES = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, true])) as Record<
  keyof TrainConfig,
  true
>;

async function readObject(path: string): Promise<Record<string, unknown>> {
  let json: string;
  try {
    json = await readFile(path, 'utf8');
  } catch (error) {
    throw new ArgumentError(`cannot read ${path}: ${reasonOf(error)}; name a file of settings`);
  }
  let values: unknown;
  try {
    values = JSON.parse(json);
  } catch (error) {
    throw new ArgumentError(
      `${path} is no JSON: ${reasonOf(error)}; it takes an object, such as {"hidden": 256}`,
    );
  }
  if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
    return values as Record<string, unknown>;
  }
  throw new ArgumentError(`${path} is no JSON object; it takes one, such as {"hidden": 256}`);
}

const COUNTS = ['evalEvery', 'saveEvery', 'sampleEvery', 'patience', 'length'] as const;

/** @throws ArgumentError naming a setting out of range; a sample's are checked with its prime. */
export function checkLoop(loop: LoopSettings): void {
  const { logEvery, device, prime, encoding } = loop;
  const refuse = (name: keyof LoopSettings, need: string): never => {
    const value = typeof loop[name] === 'string' ? JSON.stringify(loop[name]) : String(loop[name]);
    throw new ArgumentError(`${name} = ${value}; ${need}`);
  };
  for (const name of COUNTS) {
    const value = loop[name];
    if (Number.isSafeInteger(value) && value! >= 0) continue;
    if (name === 'sampleEvery' && value === null) continue;
    refuse(name, 'an integer from 0 is needed');
  }
  if (!Number.isSafeInteger(logEvery) || logEvery < 1) refuse('logEvery', '1 at least is needed');
  if (!DEVICE_KINDS.includes(device)) refuse('device', `choose one of ${DEVICE_KINDS.join(', ')}`);
  if (prime !== undefined && typeof prime !== 'string') refuse('prime', 'a text is needed');
  if (encoding !== undefined && typeof encoding !== 'string')
    refuse('encoding', 'a name is needed');
  if (typeof loop.temperature !== 'number') refuse('temperature', 'a number is needed');
}
