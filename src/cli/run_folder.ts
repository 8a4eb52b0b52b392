import { existsSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { ArgumentError, CheckpointError } from '../errors';
import { removeStaleTemporaries, writeFileAtomic } from '../io/atomic_file';
import { reasonOf } from '../io/reason';
import type { EncodedText } from '../text/encoded';
import { readCheckpoint } from '../train/checkpoint';
import type { Best, TrainEvent } from '../train/loop';
import { BEST, FILE, makeFolder } from './files';
import { reportLine } from './report_line';

export const CONFIG = 'config.json';
const LOG = 'log.jsonl';
/** The text of a run that came in an export of the studio. */
const TEXT = 'text.txt';

type Report = TrainEvent & { kind: 'report' };

/** What a run that goes on has behind it. */
export interface History {
  folder: string;
  /** Of the checkpoint: what came after it happens again. */
  step: number;
}

/**
 * The folder of a run: `checkpoint.safetensors` and `best.safetensors`, `config.json` with its settings,
 * and `log.jsonl`, a JSON object a line for each report. A file is replaced as a whole, or appended to, so
 * that one who is killed leaves whatever was there.
 */
export class RunFolder {
  readonly path: string;
  /** The lowest held-out loss so far, which `best.safetensors` has. */
  readonly best: Best | undefined;

  private constructor(path: string, best: Best | undefined) {
    this.path = path;
    this.best = best;
  }

  /**
   * @param config the content of `config.json`.
   * @param history of a run that goes on, here or where its folder is another.
   */
  static async open(path: string, config: string, history?: History): Promise<RunFolder> {
    await makeFolder(path);
    await removeStaleTemporaries(path);
    await write(path, CONFIG, config);
    await write(path, LOG, history ? await logUntil(history) : '');
    return new RunFolder(path, history && (await bestOf(history, path)));
  }

  /** The last checkpoint. */
  async save(bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(join(this.path, FILE), bytes);
  }

  async saveBest(bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(join(this.path, BEST), bytes);
  }

  /**
   * Appends a report; it is with the system when the promise resolves.
   *
   * @throws CheckpointError when there is no space left, or the folder is gone.
   */
  async log(report: Report): Promise<void> {
    const path = join(this.path, LOG);
    try {
      const line = { ...reportLine(report), time: new Date().toISOString() };
      await appendFile(path, `${JSON.stringify(line)}\n`);
    } catch (cause) {
      throw new CheckpointError(
        `cannot write to ${path}: ${reasonOf(cause)}; the last checkpoint is as it was, so free space, or ` +
          'put the folder back, and go on with --resume',
        { cause },
      );
    }
  }
}

/** @returns the name by which the text can be read again. */
export async function keepText(path: string, text: EncodedText): Promise<string> {
  await makeFolder(path);
  await write(path, TEXT, String(text));
  return join(path, TEXT);
}

/**
 * Looks whether a run may write into a folder, before anything is done.
 *
 * @throws ArgumentError for files of the same name that another program has put there.
 */
export async function checkFree(path: string): Promise<void> {
  const names = [CONFIG, LOG, TEXT].filter((name) => existsSync(join(path, name)));
  if (names.length === 0) return;
  const config = await readFile(join(path, CONFIG), 'utf8').catch(() => '');
  // An earlier run has put all of them there, and was begun with this one.
  if (/"lethe"\s*:/.test(config)) return;
  throw new ArgumentError(
    `${join(path, names[0])} is not of a run of lethe, and would be written over; choose another --out`,
  );
}

function write(folder: string, name: string, text: string): Promise<void> {
  return writeFileAtomic(join(folder, name), new TextEncoder().encode(text));
}

async function readOwn(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CheckpointError(
      `cannot read ${path}: ${reasonOf(cause)}; go on without it by moving it elsewhere`,
      { cause },
    );
  }
}

/** The lines of a log up to a step. */
async function logUntil({ folder, step }: History): Promise<string> {
  const path = join(folder, LOG);
  if (!existsSync(path)) return '';
  const lines = new TextDecoder().decode(await readOwn(path)).split('\n');
  const kept = lines.filter((line) => {
    try {
      // A writer that was killed may have left half a line.
      return (JSON.parse(line) as { step: number }).step <= step;
    } catch {
      return false;
    }
  });
  return kept.map((line) => `${line}\n`).join('');
}

/** The best checkpoint of a run that goes on, brought along where it goes on in another folder. */
async function bestOf({ folder, step }: History, path: string): Promise<Best | undefined> {
  const from = join(folder, BEST);
  if (!existsSync(from)) return undefined;
  const bytes = await readOwn(from);
  const { progress, valLoss } = readCheckpoint(bytes, from).header;
  if (valLoss === undefined) return undefined;
  if (resolve(folder) !== resolve(path)) {
    // What came after the checkpoint is of the other run alone.
    if (progress.step > step) return undefined;
    await writeFileAtomic(join(path, BEST), bytes);
  }
  return { step: progress.step, loss: valLoss };
}
