import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';

import { ArgumentError, CheckpointError, TextError } from '../errors';
import { removeStaleTemporaries, writeFileAtomic } from '../io/atomic_file';
import { reasonOf } from '../io/reason';
import { BUNDLED_NAME, bundledText } from '../text/bundled';
import { decodeText } from '../text/decode';
import type { DecodeOptions } from '../text/decode';
import { readCheckpoint } from '../train/checkpoint';
import type { Checkpoint } from '../train/checkpoint';
import { typed } from './typed';

/** Where runs go when no place is named. */
export const RUNS = 'runs';
const FILE = 'checkpoint.safetensors';

export const ENCODING_HELP =
  'of the file, such as windows-1252 (default: by its byte order mark, else utf-8)';

export interface Source {
  name: string;
  text: string;
  /** Where one was named. */
  encoding?: string;
}

/** The text to train on: a file, or the bundled text. */
export async function readText(
  path: string | undefined,
  { encoding }: DecodeOptions = {},
): Promise<Source> {
  if (path === undefined || path === BUNDLED_NAME) return { name: BUNDLED_NAME, text: bundledText };
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new TextError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  const text = decodeText(bytes, path, { encoding });
  if (text === '') throw new TextError(`${path} is empty; give a text to learn from`);
  return { name: path, text, encoding };
}

/** The checkpoint of a run, given by its folder or by the file itself. */
export async function readRun(run: string): Promise<Checkpoint> {
  const isFile = extname(run) === '.safetensors' && !holdsCheckpoint(run);
  const path = isFile ? run : join(run, FILE);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new CheckpointError(
      `no checkpoint in ${run}: cannot read ${path}: ${reasonOf(error)}; make one with ${typed('train')}`,
    );
  }
  return readCheckpoint(bytes, path);
}

/** Writes a run's checkpoint; the one before stays whole until this one is. */
export async function writeRun(run: string, bytes: Uint8Array): Promise<void> {
  await writeFileAtomic(join(run, FILE), bytes);
}

/** Makes the folder of a run, and clears what a killed writer left there. */
export async function openRun(run: string): Promise<void> {
  try {
    await mkdir(run, { recursive: true });
  } catch (error) {
    throw new ArgumentError(
      `cannot make the folder ${run}: ${reasonOf(error)}; choose another --out`,
    );
  }
  await removeStaleTemporaries(run);
}

export function holdsCheckpoint(run: string): boolean {
  return existsSync(join(run, FILE));
}

/** A folder that no run uses yet: runs/NAME-1, runs/NAME-2, ... */
export function freshRun(source: Source): string {
  const name =
    source.name === BUNDLED_NAME ? 'bundled' : basename(source.name, extname(source.name));
  for (let i = 1; ; i++) {
    const run = join(RUNS, `${name}-${i}`);
    if (!existsSync(run)) return run;
  }
}

/** The run whose checkpoint was written last. */
export async function newestRun(): Promise<string> {
  const runs = await readdir(RUNS).catch(() => []);
  let newest: { run: string; time: number } | undefined;
  for (const name of runs) {
    const run = join(RUNS, name);
    if (!holdsCheckpoint(run)) continue;
    const { mtimeMs: time } = await stat(join(run, FILE));
    if (!newest || time > newest.time) newest = { run, time };
  }
  if (newest) return newest.run;
  throw new CheckpointError(
    `no run in ${RUNS}/; make one with ${typed('train')}, or name its folder`,
  );
}
