import { existsSync } from 'node:fs';
import { appendFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { About } from '../../demos/tasks/example';
import { ArgumentError, CheckpointError } from '../errors';
import { writeFileAtomic } from '../io/atomic_file';
import { reasonOf } from '../io/reason';
import { readTrainingFile } from '../train/training_file';
import { BEST, FILE, freshFolder, makeFolder, RUNS } from './files';
import { typed } from './typed';

/** Apart from the runs of `lethe train`, whose latest is what `lethe sample` takes. */
const TASK_RUNS = join(RUNS, 'tasks');
const LOG = 'log.jsonl';

/**
 * The folder of a task's run: `checkpoint.safetensors`, where training goes on, `best.safetensors`, the model
 * to use, and `log.jsonl`, a JSON object for each report.
 */
export class TaskFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * @param out left out, a new folder beside the earlier ones of the task.
   * @throws ArgumentError for a folder that holds a run.
   */
  static async make(task: string, out: string | undefined): Promise<TaskFolder> {
    if (out !== undefined) {
      if (existsSync(join(out, FILE))) {
        throw new ArgumentError(`--out ${out} holds a run; go on with --resume, or choose another`);
      }
      await makeFolder(out);
      return new TaskFolder(out);
    }
    return new TaskFolder(await freshFolder(TASK_RUNS, task));
  }

  /** That of a run that goes on. */
  static at(path: string): TaskFolder {
    return new TaskFolder(path);
  }

  async save(bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(join(this.path, FILE), bytes);
  }

  async saveBest(bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(join(this.path, BEST), bytes);
  }

  best(): Promise<Uint8Array> {
    return readFile(join(this.path, BEST));
  }

  async log(line: object): Promise<void> {
    await appendFile(join(this.path, LOG), `${JSON.stringify(line)}\n`);
  }
}

/** A run by its folder, or by the name that it has among the runs of tasks. */
export function namedTaskRun(run: string): string {
  const among = join(TASK_RUNS, run);
  return !existsSync(run) && existsSync(among) ? among : run;
}

/**
 * The bytes of a run's file.
 *
 * @param last where training goes on, instead of the best model.
 * @throws CheckpointError when there is none, or it is of another task.
 */
export async function readTaskRun(
  run: string,
  task: string,
  { last = false } = {},
): Promise<Uint8Array> {
  const path = last || !existsSync(join(run, BEST)) ? join(run, FILE) : join(run, BEST);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new CheckpointError(
      `no run of ${task} in ${run}: cannot read ${path}: ${reasonOf(error)}; make one with ${typed('task', task)}`,
    );
  }
  const about = readTrainingFile(bytes, path).about as Partial<About> | null;
  if (about?.task === task) return bytes;
  throw new CheckpointError(
    `${run} is a run of ${about?.task ?? 'something else'}, and the task is ${task}; name one of that`,
  );
}

/** The latest run of a task. */
export async function newestTaskRun(task: string): Promise<string> {
  const names = (await readdir(TASK_RUNS).catch(() => [])).filter((name) =>
    new RegExp(`^${task}-\\d+$`).test(name),
  );
  const times = await Promise.all(
    names.map(async (name) => {
      const run = join(TASK_RUNS, name);
      const file = [BEST, FILE].map((file) => join(run, file)).find((file) => existsSync(file));
      return { run, time: file === undefined ? -1 : (await stat(file)).mtimeMs };
    }),
  );
  const newest = times
    .filter(({ time }) => time >= 0)
    .sort((a, b) => b.time - a.time)
    .at(0);
  if (newest) return newest.run;
  throw new CheckpointError(`no run of ${task} yet; make one with ${typed('task', task)}`);
}
