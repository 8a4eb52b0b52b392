/** The command line as a user meets it: built, and run as a process of its own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

import { LIMIT_MS } from './limit.mjs';

const ROOT = join(import.meta.dirname, '../..');

/** How a process ended, and all that it wrote. */
export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A process under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** Waits until stdout matches; rejects when the process ends before that. */
  printed(pattern: RegExp): Promise<void>;
}

export interface Place {
  cwd: string;
  env?: NodeJS.ProcessEnv;
}

/** Starts a program and gathers what it writes. */
export function start(program: string, args: readonly string[], { cwd, env }: Place): Running {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    // One that hangs must not outlive its test.
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const printed = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(stdout)) resolve();
      };
      child.stdout.on('data', look);
      ended.then(
        () => reject(new Error(`ended without ${pattern}:\n${stdout}\n${stderr}`)),
        reject,
      );
      look();
    });
  return { child, ended, printed };
}

/** What log.jsonl and the lines of `train --json` have in common, of what tests look at. */
export interface ReportLine {
  step: number;
  loss: number;
  valLoss?: number;
  lr: number;
  epoch: number;
  gradNorm: number;
}

/** The command line, built from the sources as they are now. */
export class Cli {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Into a folder of its own, so that it meets no other build. */
  static async build(): Promise<Cli> {
    const folder = await mkdtemp(join(tmpdir(), 'lethe-cli-'));
    await build({
      root: ROOT,
      mode: 'cli',
      logLevel: 'error',
      build: { outDir: join(folder, 'dist') },
    });
    // Where the built file looks for the packages that it leaves outside.
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    return new Cli(folder);
  }

  /** The built file, for `node`. */
  get main(): string {
    return join(this.#folder, 'dist/cli/main.js');
  }

  start(place: Place, args: readonly string[]): Running {
    return start(process.execPath, [this.main, ...args], place);
  }

  run(place: Place, args: readonly string[]): Promise<Outcome> {
    return this.start(place, args).ended;
  }

  /** The standard output of a run that must succeed and have nothing to complain of. */
  async output(place: Place, args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(place, args);
    if (code === 0 && stderr === '') return stdout;
    throw new Error(`lethe ${args.join(' ')}: exit code ${code}\n${stdout}\n${stderr}`);
  }

  /** The objects that a run with --json printed; a line that is no JSON throws. */
  async json<T>(place: Place, args: readonly string[]): Promise<T[]> {
    const output = await this.output(place, [...args, '--json']);
    return output
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => JSON.parse(line) as T);
  }

  dispose(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}

/** Every path below a folder, sorted. */
export async function listing(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}
