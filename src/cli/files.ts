import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

import { ArgumentError, CheckpointError, LetheError, TextError } from '../errors';
import { reasonOf } from '../io/reason';
import { decodeSafetensors } from '../io/safetensors';
import { BUNDLED_NAME, bundledText } from '../text/bundled';
import type { DecodeOptions } from '../text/decode';
import { encodeText, readTextStream } from '../text/encoded';
import type { EncodedText } from '../text/encoded';
import { checkpointOf } from '../train/checkpoint';
import type { Checkpoint } from '../train/checkpoint';
import { makeFolders } from './folders';
import { typed } from './typed';

/** Where runs go when no place is named. */
export const RUNS = 'runs';
/** In the folder of a run: the last checkpoint, and the one with the lowest held-out loss. */
export const FILE = 'checkpoint.safetensors';
export const BEST = 'best.safetensors';

/** Bytes of a text that are read at once. */
const CHUNK_BYTES = 1 << 20;

export const ENCODING_HELP =
  'of the file, such as windows-1252 (default: by its byte order mark, else utf-8)';

export interface Source {
  name: string;
  text: EncodedText;
  /** Where one was named. */
  encoding?: string;
}

/** A text: a file, standard input where the path is `-`, or the bundled text. */
export async function readText(
  path: string | undefined,
  { encoding }: DecodeOptions = {},
): Promise<Source> {
  if (path === undefined || path === BUNDLED_NAME) {
    return { name: BUNDLED_NAME, text: encodeText(bundledText) };
  }
  const name = path === '-' ? 'standard input' : path;
  try {
    const bytes = path === '-' ? undefined : (await stat(path)).size;
    const stream =
      path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
    return { name, text: await readTextStream(stream, name, { encoding, bytes }), encoding };
  } catch (error) {
    if (error instanceof LetheError) throw error;
    throw new TextError(`cannot read ${name}: ${reasonOf(error)}`);
  }
}

/** A checkpoint that was named. */
export interface NamedRun {
  checkpoint: Checkpoint;
  /** The file. */
  path: string;
  /** The folder of the run, where the file is its checkpoint or its best one. */
  folder?: string;
  /** The text that an export of the studio brings along, read when it is asked for. */
  text(): Source | undefined;
}

/**
 * Reads a checkpoint, named by the folder of its run or as a file by any name.
 *
 * @param best of a folder, the checkpoint with the lowest held-out loss instead of the last one.
 * @throws ArgumentError for the best of a file.
 * @throws CheckpointError when there is none, or it is damaged.
 */
export async function readNamedRun(run: string, { best = false } = {}): Promise<NamedRun> {
  const isFile = (await stat(run).catch(() => undefined))?.isFile() ?? false;
  if (isFile && best) {
    throw new ArgumentError(
      `--best is one of the checkpoints in the folder of a run, and ${run} is a file; leave --best out, or ` +
        'name the folder',
    );
  }
  const path = isFile ? run : join(run, best ? BEST : FILE);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new CheckpointError(
      `no checkpoint in ${run}: cannot read ${path}: ${reasonOf(error)}; ` +
        (best && holdsCheckpoint(run)
          ? 'no held-out loss was measured yet, so leave --best out'
          : `make one with ${typed('train')}`),
    );
  }
  const file = decodeSafetensors(bytes, path);
  const named = [FILE, BEST].includes(basename(path));
  return {
    checkpoint: checkpointOf(file, path),
    path,
    ...(named && { folder: dirname(path) }),
    text: () => enclosedText(file.metadata),
  };
}

/** The checkpoint alone. */
export async function readRun(run: string, options?: { best?: boolean }): Promise<Checkpoint> {
  return (await readNamedRun(run, options)).checkpoint;
}

/**
 * The text in the metadata of a run that the studio has exported.
 *
 * @throws TextError when it is empty.
 */
function enclosedText({ studio }: Record<string, string>): Source | undefined {
  if (studio === undefined) return undefined;
  let run: { source?: { name?: unknown; text?: unknown } } | null;
  try {
    run = JSON.parse(studio) as typeof run;
  } catch {
    // Of another program, to which the name means something else.
    return undefined;
  }
  const { name, text } = run?.source ?? {};
  if (typeof name !== 'string' || typeof text !== 'string') return undefined;
  return { name, text: encodeText(text) };
}

/** True for the folder of a run that has a model in it. */
export function holdsCheckpoint(run: string): boolean {
  return [FILE, BEST].some((name) => existsSync(join(run, name)));
}

/** Makes a folder that no run of `lethe train` uses yet: runs/NAME-1, runs/NAME-2, ... */
export function freshRun(source: Source): Promise<string> {
  const name =
    source.name === BUNDLED_NAME ? 'bundled' : basename(source.name, extname(source.name));
  return freshFolder(RUNS, name);
}

/** Makes a folder that is new: NAME-1, NAME-2, ... */
export async function freshFolder(parent: string, name: string): Promise<string> {
  await makeFolder(parent);
  for (let i = 1; ; i++) {
    const run = join(parent, `${name}-${i}`);
    try {
      // Fails where it exists, so that two that begin at once do not share one.
      await mkdir(run);
      return run;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw noFolder(run, error);
    }
  }
}

/**
 * Makes a folder, with those that it is in.
 *
 * @throws ArgumentError when the system refuses.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeFolders(path);
  } catch (error) {
    throw noFolder(path, error);
  }
}

function noFolder(path: string, error: unknown): ArgumentError {
  // The one that it is in is there.
  const lacks = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const reason = lacks ? 'the system makes none there' : reasonOf(error);
  return new ArgumentError(`cannot make the folder ${path}: ${reason}; choose another --out`);
}

/** The run whose checkpoint was written last. */
export async function newestRun(): Promise<string> {
  const runs = await readdir(RUNS).catch(() => []);
  let newest: { run: string; time: number } | undefined;
  for (const name of runs) {
    const run = join(RUNS, name);
    if (!existsSync(join(run, FILE))) continue;
    const { mtimeMs: time } = await stat(join(run, FILE));
    if (!newest || time > newest.time) newest = { run, time };
  }
  if (newest) return newest.run;
  throw new CheckpointError(
    `no run in ${RUNS}/; make one with ${typed('train')}, or name its folder`,
  );
}
