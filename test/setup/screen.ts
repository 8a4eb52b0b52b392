/** A terminal on which a program runs, and what a person sees there. */
import { spawn } from '@lydell/node-pty';
import type { IPty } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import type { Terminal } from '@xterm/headless';

import type { Place } from './cli';
import { LIMIT_MS } from './limit.mjs';

interface Size {
  columns: number;
  rows?: number;
}

/** A line of the screen. */
export interface Row {
  text: string;
  /** Whether it is the rest of the row above, which was wider than the terminal. */
  folded: boolean;
}

export class Screen {
  readonly #pty: IPty;
  readonly #terminal: Terminal;
  readonly #ended: Promise<number>;
  /** All that the program wrote, controls included. */
  output = '';

  /**
   * Runs a program on a terminal. One of 0 columns does not know its size; it is shown in 80.
   */
  constructor(
    program: string,
    args: readonly string[],
    { columns, rows = 24 }: Size,
    { cwd, env }: Place,
  ) {
    const size = { cols: columns || 80, rows };
    this.#terminal = new xterm.Terminal({ ...size, scrollback: 100_000, allowProposedApi: true });
    const setSize = columns === 0 ? 'stty cols 0; ' : '';
    this.#pty = spawn('/bin/sh', ['-c', `${setSize}exec "$0" "$@"`, program, ...args], {
      ...{ ...size, cwd, name: env?.TERM ?? 'xterm-256color' },
      env: { ...process.env, ...env },
    });
    // One that hangs must not outlive its test.
    const limit = setTimeout(() => this.kill('SIGKILL'), LIMIT_MS);
    this.#pty.onData((data) => {
      this.output += data;
      this.#terminal.write(data);
    });
    this.#ended = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        clearTimeout(limit);
        resolve(signal ? 128 + signal : exitCode);
      });
    });
  }

  /** Waits until what the program wrote matches; rejects when it ends before that. */
  printed(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(this.output)) resolve();
      };
      this.#pty.onData(look);
      void this.#ended.then(() => reject(new Error(`ended without ${pattern}:\n${this.output}`)));
      look();
    });
  }

  /** The exit code, once everything is on the screen. */
  async ended(): Promise<number> {
    const code = await this.#ended;
    await this.shown();
    return code;
  }

  /** Resolves when all that has been written so far is on the screen. */
  shown(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write('', resolve));
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  kill(signal: NodeJS.Signals): void {
    this.#pty.kill(signal);
  }

  async resize(columns: number, rows = 24): Promise<void> {
    await this.shown();
    this.#terminal.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** From the first line that was written to the one with the cursor. */
  rows(): Row[] {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: active.baseY + active.cursorY + 1 }, (_, i) => {
      const line = active.getLine(i)!;
      return { text: line.translateToString(true), folded: line.isWrapped };
    });
  }

  /** The lines as they were written: rows that were folded are joined. */
  lines(): string[] {
    const lines: string[] = [];
    for (const { text, folded } of this.rows()) {
      if (folded) lines.push(lines.pop()! + text);
      else lines.push(text);
    }
    return lines;
  }

  /** False when a program hid the cursor, and did not show it again. */
  get cursorVisible(): boolean {
    return [...this.output.matchAll(/\x1b\[\?25([lh])/g)].at(-1)?.[1] !== 'l';
  }

  dispose(): void {
    try {
      this.kill('SIGKILL');
    } catch {
      // It has ended.
    }
    this.#terminal.dispose();
  }
}
