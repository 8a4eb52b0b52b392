/** The command line as a person meets it: on a terminal. */
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { readCheckpoint } from '../../src/train/checkpoint';
import { lavapipeEnvironment } from '../../scripts/browser.mjs';
import { Cli } from '../setup/cli';
import { Screen } from '../setup/screen';
import type { Row } from '../setup/screen';

const words = (line: string): string[] => line.split(' ').filter(Boolean);

const TINY = words('--hidden 16 --embedding 8 --batch 4 --seq 16 --device cpu');
const TEXT = 'the quick brown fox jumps over the lazy dog.\n'.repeat(27);
const BLOCK = /[\u2588\u2591]/;
const OUTLINE = /^ {2}\| /;

let cli: Cli;
let cwd: string;

beforeAll(async () => {
  cli = await Cli.build();
});

afterAll(() => cli?.dispose());

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'lethe-terminal-'));
  await writeFile(join(cwd, 'fox.txt'), TEXT);
  return () => rm(cwd, { recursive: true, force: true });
});

function onScreen(args: readonly string[], columns = 80, env: NodeJS.ProcessEnv = {}): Screen {
  const screen = new Screen(process.execPath, [cli.main, ...args], { columns }, { cwd, env });
  onTestFinished(() => screen.dispose());
  return screen;
}

/** `lethe train fox.txt` with a tiny model. */
const fox = (flags: string): string[] => ['train', 'fox.txt', ...TINY, ...words(flags)];

/** The nth sample on the screen from its end, its lines put together again. */
function lastSample(lines: readonly string[]): string {
  const from = lines.findLastIndex((line) => line.startsWith('---'));
  const sample = lines.slice(from + 1).filter((line) => OUTLINE.test(line) || line === '  |');
  return sample.map((line) => line.slice(4)).join('');
}

function expectClean(screen: Screen): void {
  expect(screen.rows().filter(({ text }) => BLOCK.test(text))).toEqual([]);
  expect(screen.cursorVisible).toBe(true);
  // The prompt comes on a line of its own.
  expect(screen.rows().at(-1)).toEqual({ text: '', folded: false });
}

describe('train', () => {
  const LAST = '--steps 60 --log-every 20 --eval-every 20 --sample-every 20 --length 100';

  test.for([0, 20, 80, 200])('nothing is lost in %i columns', async (columns) => {
    const flags = `${LAST} --out r`;
    const screen = onScreen(fox(flags), columns);
    expect(await screen.ended()).toBe(0);
    const lines = screen.lines();

    // Everything that a pipe hears, but the speed and the rate where they do not fit.
    const plain = (await cli.output({ cwd }, fox(`${LAST} --out s`))).split('\n');
    const report = (line: string): string | undefined =>
      /^step .*bits\/char\)/.exec(line.replace(/\s+/g, ' '))?.[0];
    const reports = plain.map(report).filter(Boolean);
    expect(reports).toHaveLength(3);
    expect(lines.map(report).filter(Boolean)).toEqual(reports);
    expect(lastSample(lines)).toBe(lastSample(plain));
    expect(lastSample(lines)).not.toBe('');
    expect(lines.at(-5)).toBe('');
    expect(lines.slice(-4, -1).map((line) => line.slice(0, 14))).toEqual([
      'done at step 6',
      'write with it:',
      'train more:   ',
    ]);
    expectClean(screen);
    // A line of a sample is cut by the program, beside its outline.
    const limit = columns || 80;
    for (const { text } of screen.rows()) expect(text.length).toBeLessThanOrEqual(limit);
    const outlined = screen.rows().filter(({ text }) => OUTLINE.test(text));
    expect(outlined.length).toBeGreaterThan((4 * 100) / limit);
  });

  test('the last report is shown where nothing was held out', async () => {
    const screen = onScreen(fox('--steps 45 --log-every 20 --eval-every 0 --sample-every 0'));
    expect(await screen.ended()).toBe(0);
    expect(screen.lines().filter((line) => line.startsWith('step '))).toEqual([
      expect.stringMatching(
        /^step 45 {2}loss \d\.\d{3} {2}[\d,]+ chars\/s {2}lr 0\.002$/,
      ) as string,
    ]);
    expectClean(screen);
  });

  test('a bar moves in place below the lines, through windows of any width', async () => {
    const screen = onScreen(fox('--steps 1000000 --log-every 10 --eval-every 500 --out r'), 100);
    const shows = async (columns: number, bar: RegExp): Promise<void> => {
      await screen.resize(columns);
      const { length } = screen.output;
      // Lines were printed and bars drawn since, the last to its end; those on their way before are of another width.
      let rows: readonly Row[] = [];
      await expect
        .poll(async () => {
          if (!/step +\d+[^]*step +\d+[^]*\/1000000/.test(screen.output.slice(length))) return '';
          const { output } = screen;
          await screen.shown();
          rows = screen.rows();
          const whole = screen.output === output && output.endsWith('\x1b[?7h\r');
          return whole ? rows.at(-1)!.text : '';
        })
        .toMatch(bar);
      const bars = rows.filter(({ text }) => text.includes('/1000000'));
      expect(bars).toHaveLength(1);
      expect(rows.at(-1)).toEqual(bars[0]);
      expect(bars[0].text.length).toBeLessThan(columns);
    };
    await screen.printed(/step +500 /);
    const wide = /^ [\u2588\u2591]{20} \d+\/1000000 {2}loss \d\.\d{3} {2}.* left {2}.* chars\/s/;
    await shows(100, wide);
    await shows(24, /^\d+\/1000000/);
    await shows(120, wide);
    screen.type('\x03');
    expect(await screen.ended()).toBe(0);
    expectClean(screen);
  });

  test.for([
    ['Ctrl-C', (screen: Screen) => screen.type('\x03')],
    ['SIGTERM', (screen: Screen) => screen.kill('SIGTERM')],
  ] as const)('%s saves, and leaves the terminal as it was', async ([, stop]) => {
    const screen = onScreen(fox('--steps 1000000 --log-every 10 --eval-every 50 --out r'));
    await screen.printed(/step +100 /);
    stop(screen);
    expect(await screen.ended()).toBe(0);
    const lines = screen.lines();
    const [, stopped] = /^stopped at step ([\d,]+); saved in r$/.exec(lines.at(-4)!)!;
    const { header } = readCheckpoint(await readFile(join(cwd, 'r/checkpoint.safetensors')));
    expect(header.progress.step.toLocaleString('en-US')).toBe(stopped);
    // The loss where it stopped, which the bar had shown last.
    const last = /^step +(\d+) {2}loss/.exec(lines.findLast((line) => line.startsWith('step '))!)!;
    expect(header.progress.step - Number(last[1])).toBeLessThan(10);
    expectClean(screen);
  });

  test('an error on the way is one line, and leaves the terminal as it was', async () => {
    const screen = onScreen(fox('--steps 1000000 --save-every 50 --out r'));
    await screen.printed(/step +100 /);
    await rename(join(cwd, 'r'), join(cwd, 'moved'));
    expect(await screen.ended()).toBe(2);
    expect(screen.lines().at(-2)).toMatch(/^lethe: cannot write .*\br\/\w+\.\w+: /);
    expectClean(screen);
  });

  test('without controls there is no bar', async () => {
    const flags = '--steps 20 --log-every 10 --sample-every 0';
    const screen = onScreen(fox(flags), 80, { TERM: 'dumb' });
    expect(await screen.ended()).toBe(0);
    expect(screen.output).not.toMatch(/[\x1b\u2588]|\r[^\r\n]/);
    expect(screen.lines().filter((line) => /^step \d+ /.test(line))).toHaveLength(2);
  });
});

test('sample without a run names the one that it took, on a terminal alone', async () => {
  await cli.output({ cwd }, fox('--steps 2 --sample-every 0'));
  const screen = onScreen(words('sample --length 5'));
  expect(await screen.ended()).toBe(0);
  expect(screen.lines()[0]).toBe('writes with runs/fox-1');
  expect(await cli.output({ cwd }, words('sample --length 5'))).not.toContain('writes with');
});

describe('what a terminal would obey', () => {
  const HARMFUL = '\x1b[2J\x1b]0;title\x07\x9b31m\u202eright\x7f\x08\rback\ttab\n';
  const OBEYED = /[\x1b\x07\x9b\u202e\x7f\x08]/;

  test('is escaped in samples, and as it is elsewhere', async () => {
    await writeFile(join(cwd, 'harmful.txt'), HARMFUL.repeat(40));
    const train = ['train', 'harmful.txt', ...TINY, ...words('--steps 20 --length 200 --out r')];
    const training = onScreen(train);
    expect(await training.ended()).toBe(0);
    // The bar is cleared; nothing else is obeyed.
    const own = (output: string): string => output.replace(/\r\x1b\[J|\x1b\[\?7[lh]/g, '');
    expect(own(training.output)).not.toMatch(OBEYED);
    expect(training.lines().join('\n')).toMatch(/\\u00(1b|9b|07|7f|08|0d)/);

    const write = words('sample r --length 400 --seed 3');
    const prime = ['--prime', '\x1b[2J'];
    const sampling = onScreen([...write, ...prime]);
    expect(await sampling.ended()).toBe(0);
    expect(sampling.output).not.toMatch(OBEYED);
    expect(sampling.output).toMatch(/^\\u001b\[2J/);
    const json = onScreen([...write, '--json']);
    expect(await json.ended()).toBe(0);
    expect(json.output).not.toMatch(OBEYED);

    const piped = await cli.output({ cwd }, write);
    expect(piped).toMatch(OBEYED);
    expect((JSON.parse(json.lines()[0]) as { text: string }).text).toBe(piped.slice(0, -1));
    // Tabs and line ends are not escaped.
    expect(sampling.output).not.toMatch(/\\u000[9a]/);
  });

  test('is escaped in names and errors', async () => {
    const screen = onScreen(['sample', 'no\x1b[2Jrun']);
    expect(await screen.ended()).toBe(2);
    expect(screen.output).toContain('no\\u001b[2Jrun');
    expect(screen.output).not.toMatch(OBEYED);
  });
});

// SwiftShader gives Dawn nothing to say; what Dawn says of other adapters comes from native code.
test.runIf(process.platform === 'linux')('nothing stands before the first line', async () => {
  const screen = onScreen(['doctor'], 200, lavapipeEnvironment());
  expect(await screen.ended()).toBe(0);
  const lines = screen.lines();
  expect(lines[0]).toMatch(/^\S+ +v[\d.]+ on linux /);
  expect(lines.some((line) => /^webgpu {4}llvmpipe/.test(line))).toBe(true);
  expectClean(screen);
  // Standard error is there again, and other words of native code are passed on.
  const args = ['train', 'fox.txt', ...TINY, '--device', 'webgpu'];
  const refused = onScreen(args, 200, { VK_ICD_FILENAMES: '/no/such/driver.json' });
  expect(await refused.ended()).toBe(2);
  expect(refused.lines()[0]).toMatch(/^Warning: .*driver/);
  expect(refused.lines().at(-2)).toMatch(/^lethe: webgpu: no WebGPU adapter/);
});

test.for([20, 79])('wide characters do not break the lines in %i columns', async (columns) => {
  const wide =
    '\u6f22\u5b57\u4eee\u540d\u{1f600}\u{1f469}\u200d\u{1f467}e\u0301\u0928\u093f\ud55c\uae00\tab';
  await writeFile(join(cwd, 'wide.txt'), wide.repeat(100));
  const flags = words('--steps 10 --length 300 --sample-every 10 --out r');
  const screen = onScreen(['train', 'wide.txt', ...TINY, ...flags], columns);
  expect(await screen.ended()).toBe(0);
  const rows = screen.rows();
  const from = rows.findLastIndex(({ text }) => text.endsWith('writes:')) + 1;
  const sample = rows.slice(from, from + rows.slice(from).findIndex(({ text }) => text === ''));
  expect(sample.length).toBeGreaterThan(300 / columns);
  // Each row has its outline: the terminal folded none.
  for (const row of sample) {
    expect(row).toEqual({ text: expect.stringMatching(OUTLINE) as string, folded: false });
  }
});

describe.runIf(process.platform === 'linux')('what Dawn says cannot be held back', () => {
  test('without a folder for temporary files', async () => {
    const screen = onScreen(['doctor'], 200, { TMPDIR: join(cwd, 'none') });
    expect(await screen.ended()).toBe(0);
    expect(screen.lines().join('\n')).toMatch(/^auto {6}/m);
  });

  test("on another user's terminal, as with sudo", async () => {
    const folder = join(cli.main, '../../..');
    await chmod(folder, 0o755);
    onTestFinished(() => chmod(folder, 0o700));
    const unopened =
      'if [ "$(id -u)" = 0 ]; then exec setpriv --reuid=65534 --clear-groups "$@"; fi; ' +
      'chmod 0 "$(tty)"; exec "$@"';
    const args = ['-c', unopened, 'sh', process.execPath, cli.main, 'doctor'];
    const screen = new Screen('/bin/sh', args, { columns: 200 }, { cwd: '/' });
    onTestFinished(() => screen.dispose());
    expect(await screen.ended()).toBe(0);
    expect(screen.lines().join('\n')).toMatch(/^auto {6}/m);
  });
});
