import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import webgpuJson from 'webgpu/package.json' with { type: 'json' };

import packageJson from '../../package.json' with { type: 'json' };
import { encodeSafetensors } from '../../src/io/safetensors';
import { bundledText } from '../../src/text/bundled';
import { readCheckpoint } from '../../src/train/checkpoint';
import type { CheckpointHeader } from '../../src/train/checkpoint_header';
import { writeLargeText } from '../setup/large_text';
import { Cli, listing, start } from '../setup/cli';
import type { Place, ReportLine } from '../setup/cli';

interface TrainLine extends ReportLine {
  charsPerSecond: number;
  device: string;
}

const words = (line: string): string[] => line.split(' ').filter(Boolean);

/** A model that trains in no time. */
const TINY = words('--hidden 16 --embedding 8 --batch 4 --seq 16');
const ON_CPU = [...TINY, '--device', 'cpu'];
const FILE = 'checkpoint.safetensors';
/** A run's folder with all that is in it, sorted. */
const filesOf = (run: string): string[] => [
  run,
  ...['best.safetensors', FILE, 'config.json', 'log.jsonl'].map((name) => `${run}/${name}`),
];
const TEXT = 'the quick brown fox jumps over the lazy dog.\n'.repeat(27).slice(0, 1200);
const NO_DRIVER = '/no/such/driver.json';
const NO_VULKAN = { VK_ICD_FILENAMES: NO_DRIVER, VK_DRIVER_FILES: NO_DRIVER };

let cli: Cli;
let cwd: string;
let here: Place;

const inCwd = (...path: string[]): string => join(cwd, ...path);

/** `lethe train fox.txt` with a tiny model on the CPU. */
const fox = (flags: string): string[] => ['train', 'fox.txt', ...ON_CPU, ...words(flags)];

/** The reports of `lethe train --json`, without the last line, which tells of the end. */
async function reportsOf(args: readonly string[]): Promise<TrainLine[]> {
  const lines = await cli.json<TrainLine>(here, args);
  expect(lines.pop()).toMatchObject({ done: true, stopped: false });
  return lines;
}

async function checkpointOf(run: string): Promise<CheckpointHeader> {
  return readCheckpoint(await readFile(inCwd(run, FILE)), run).header;
}

async function enterFreshFolder(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'lethe-e2e-'));
  cwd = folder;
  here = { cwd };
  await writeFile(inCwd('fox.txt'), TEXT);
  return () => rm(folder, { recursive: true, force: true });
}

beforeAll(async () => {
  cli = await Cli.build();
});

afterAll(() => cli?.dispose());

describe('for people', () => {
  beforeEach(enterFreshFolder);

  test('train shows text, model, device, a first sample and figures, and saves', async () => {
    const flags = words('--steps 12 --log-every 5');
    const output = await cli.output(here, ['train', ...ON_CPU, ...flags]);

    expect(output).toMatch(/^text {4}the bundled text: [\d,]+ characters, \d+ distinct$/m);
    expect(output).toMatch(/^model {3}lstm, 1 layer of 16, [\d,]+ parameters$/m);
    expect(output).toMatch(/^batch {3}4 streams x 16 characters, [\d,]+ steps an epoch$/m);
    expect(output).toMatch(/^device {2}CPU \(asked for\)$/m);
    expect(output).toMatch(/^--- at first, it writes:\n( {2}\| .*\n)+$/m);
    const figures = [
      ...output.matchAll(/^step +(\d+) {2}loss (\d\.\d{3}).*chars\/s  lr 0\.002$/gm),
    ];
    expect(figures.map(([, step]) => step)).toEqual(['5', '10', '12']);
    for (const [, , loss] of figures) expect(Number(loss)).toBeCloseTo(Math.log(73), 0);
    expect(output).toMatch(/^step 12 .* held out \d\.\d{3} \(\d\.\d\d bits\/char\)/m);
    expect(output).toContain('done at step 12; saved in runs/bundled-1\n');
    // No terminal, no bar.
    expect(output).not.toMatch(/[\x1b\u2588\r]/);
    expect(await listing(inCwd('runs'))).toEqual(filesOf('bundled-1'));
  });

  test('train says in auto mode which device it took and why', async () => {
    interface Doctor {
      chosen: { description: string; reason: string };
    }
    const output = await cli.output(here, ['train', 'fox.txt', ...TINY, '--steps', '1']);
    const [{ chosen }] = await cli.json<Doctor>(here, ['doctor']);
    expect(output).toContain(`device  ${chosen.description} (${chosen.reason})\n`);
  });

  test('hints name the command as it was typed', async () => {
    const none = { npm_lifecycle_event: '', npm_package_name: '' };
    const hints = async (env: NodeJS.ProcessEnv): Promise<string[]> => {
      const output = await cli.output({ cwd, env: { ...none, ...env } }, fox('--steps 1 --out r'));
      await rm(inCwd('r'), { recursive: true });
      return [...output.matchAll(/^(?:write with it|train more): +(.*)$/gm)].map(
        ([, hint]) => hint,
      );
    };
    const byName = ['lethe sample r --length 500', 'lethe train --resume r --steps 2'];
    const byNpm = ['npm run sample -- r --length 500', 'npm run train -- --resume r --steps 2'];
    const script = (npm_lifecycle_event: string, npm_package_name: string): NodeJS.ProcessEnv => ({
      ...{ npm_lifecycle_event, npm_package_name },
    });
    expect(await hints({})).toEqual(byName);
    expect(await hints(script('train', 'lethe'))).toEqual(byNpm);
    // A script of a user's own, and a shell that npm opened in the repository.
    expect(await hints(script('train', 'poems'))).toEqual(byName);
    expect(await hints(script('npx', 'lethe'))).toEqual(byName);
  });

  test('each run gets a folder of its own, named after its text', async () => {
    for (const run of ['runs/fox-1', 'runs/fox-2']) {
      expect(await cli.output(here, fox('--steps 1'))).toContain(`saved in ${run}\n`);
    }
    expect(await listing(inCwd('runs'))).toEqual(['fox-1', 'fox-2'].flatMap(filesOf));
  });

  test('a run may be called as a file', async () => {
    const run = 'runs/fox.safetensors';
    const flags = words(`--steps 1 --out ${run}`);
    const output = await cli.output(here, ['train', 'fox.txt', ...ON_CPU, ...flags]);
    expect(output).toMatch(/^model .* parameters$/m);
    await cli.output(here, ['sample', run, '--length', '5', '--device', 'cpu']);
    const resume = ['train', '--resume', run, '--steps', '2', '--device', 'cpu'];
    expect(await cli.output(here, resume)).toMatch(/step 2/);
  });

  test('sample writes with the newest run, repeatably, and after the prime', async () => {
    for (const seed of [5, 6, 7]) await cli.output(here, fox(`--steps 2 --seed ${seed}`));
    // The newest by the time of its checkpoint, not by name.
    await cli.output(here, words('train --resume runs/fox-2 --steps 3'));
    const write = (...args: string[]): Promise<string> =>
      cli.output(here, ['sample', ...args, '--length', '60']);

    const text = await write();
    expect(text).toHaveLength(61);
    expect(text).toBe(await write('runs/fox-2'));
    expect(text).toBe(await write('runs/fox-2', '--seed', '1'));
    for (const other of ['runs/fox-1', 'runs/fox-3']) expect(text).not.toBe(await write(other));
    expect(text).not.toBe(await write('--seed', '2'));
    const primed = await write('--prime', 'the lazy ');
    expect(primed.slice(0, 9)).toBe('the lazy ');
    expect(primed).toHaveLength(9 + 60 + 1);
    const likeliest = await write('--temperature', '0', '--seed', '1');
    expect(likeliest).toBe(await write('--temperature', '0', '--seed', '2'));
    expect(likeliest).not.toBe(text);
  });

  test('a prime from a file, of any length; unknown characters are skipped or replaced', async () => {
    await cli.output(here, fox('--steps 2 --out r'));
    const prime = 'the lazy dog. '.repeat(1000);
    await writeFile(inCwd('prime.txt'), prime);
    await writeFile(inCwd('odd.txt'), 'the\u00f1 lazy dog');
    const write = (...args: string[]): Promise<string> =>
      cli.output(here, ['sample', 'r', ...words('--length 20 --device cpu'), ...args]);

    const primed = await write('--prime-file', 'prime.txt');
    expect(primed.slice(0, prime.length)).toBe(prime);
    expect([...primed]).toHaveLength(prime.length + 20 + 1);
    const running = cli.start(here, words('sample r --length 20 --device cpu --prime-file -'));
    running.child.stdin!.end(prime);
    expect(await running.ended).toMatchObject({ code: 0, stdout: primed });
    const skipped = (await write('--prime-file', 'odd.txt', '--unknown', 'skip')).slice(-21);
    expect(skipped).toBe((await write('--prime', 'the lazy dog')).slice(-21));
    const replaced = (await write('--prime-file', 'odd.txt', '--unknown', 'replace')).slice(-21);
    expect(replaced).toBe((await write('--prime', 'the  lazy dog')).slice(-21));

    const evaluated = async (...args: string[]): Promise<unknown> =>
      (await cli.json(here, [...words('eval r --device cpu'), ...args]))[0];
    await writeFile(inCwd('plain.txt'), 'the lazy dog');
    expect(await evaluated('odd.txt', '--unknown', 'skip')).toEqual(await evaluated('plain.txt'));
  });

  test('a text of 60 MB trains with a heap of 64 MB', async () => {
    await writeLargeText(inCwd('large.txt'), 6e7);
    const told = 'process.on("exit", () => console.error(process.resourceUsage().maxRSS))';
    const { code, stdout, stderr } = await start(
      process.execPath,
      [
        ...['--max-old-space-size=64', '--import', `data:text/javascript,${told}`, cli.main],
        ...['train', 'large.txt', ...ON_CPU, ...words('--steps 3 --eval-every 0 --sample-every 0')],
      ],
      here,
    ).ended;
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/done at step 3/) as string,
    });
    expect(stdout).toMatch(/^text +large\.txt: 5\d,\d{3},\d{3} characters, \d+ distinct$/m);
    // Kilobytes: a byte for each character, and what the process takes with a short text.
    expect(Number(stderr)).toBeLessThan(320_000);
  });

  test('a reader that goes away ends sample without a complaint', async () => {
    await cli.output(here, fox('--steps 1'));
    const running = cli.start(here, words('sample --length 1000000000'));
    await running.printed(/./);
    running.child.stdout?.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('other encodings are named, or marked, and a run remembers', async () => {
    const text = 'd\u00e9j\u00e0 vu: '.repeat(60);
    await writeFile(inCwd('latin.txt'), Buffer.from(text, 'latin1'));
    await writeFile(inCwd('wide.txt'), Buffer.from(`\ufeff${text}`, 'utf16le'));
    await writeFile(inCwd('marked.txt'), `\ufeff${text}`);
    const flags = words('--steps 2 --out r --encoding windows-1252 --eval-every 0');
    await cli.output(here, ['train', 'latin.txt', ...ON_CPU, ...flags]);
    await cli.output(here, words('train --resume r --steps 3 --device cpu'));

    const losses: number[] = [];
    for (const args of [['latin.txt', '--encoding', 'latin1'], ['wide.txt'], ['marked.txt']]) {
      const [line] = await cli.json<{ loss: number; characters: number }>(here, [
        ...words('eval r --device cpu'),
        ...args,
      ]);
      expect(line.characters).toBe(text.length);
      losses.push(line.loss);
    }
    expect(new Set(losses).size).toBe(1);
  });

  test('eval measures the held-out text as train does', async () => {
    const flags = words('--steps 20 --out r');
    const lines = await cli.json<TrainLine>(here, ['train', ...ON_CPU, ...flags]);
    const loss = lines.at(-1)!.valLoss!;
    const characters = [...bundledText];
    const heldOut = characters.slice(Math.floor(characters.length * (1 - 0.1)));
    await writeFile(inCwd('rest.txt'), heldOut.join(''));
    const evaluate = words('eval r rest.txt --device cpu');

    expect(await cli.json(here, evaluate)).toEqual([
      {
        loss,
        bitsPerCharacter: expect.closeTo(loss / Math.LN2, 5) as number,
        characters: heldOut.length,
        device: 'cpu',
      },
    ]);
    // How many streams are read side by side changes nothing.
    await writeFile(inCwd('all.txt'), bundledText);
    const losses: number[] = [];
    for (const batch of ['1', '3', '150']) {
      const args = [...words('eval r all.txt --device cpu --batch'), batch];
      losses.push((await cli.json<{ loss: number }>(here, args))[0].loss);
    }
    expect(Math.max(...losses) - Math.min(...losses)).toBeLessThan(1e-4);
    const output = await cli.output(here, evaluate);
    const [, count, nats, bits, perplexity] =
      /^rest\.txt: (\S+) characters, loss (\S+) nats per character, (\S+) bits per character, perplexity (\S+)\n$/.exec(
        output,
      )!;
    expect(count).toBe(heldOut.length.toLocaleString('en-US'));
    expect(Number(nats)).toBeCloseTo(loss, 3);
    expect(Number(bits)).toBeCloseTo(loss / Math.LN2, 3);
    expect(Number(perplexity)).toBeCloseTo(Math.exp(loss), 2);
  });

  test('eval of standard input names it', async () => {
    await cli.output(here, fox('--steps 2 --out r'));
    const running = cli.start(here, words('eval r - --device cpu'));
    running.child.stdin!.end(TEXT);
    expect(await running.ended).toMatchObject({
      ...{ code: 0, stderr: '' },
      stdout: expect.stringMatching(/^standard input: /) as string,
    });
  });

  test('doctor names every adapter, the choice and its reason', async () => {
    interface Doctor {
      implementation: string;
      adapters: {
        name: string;
        software: boolean;
        limits: { invocations: number; subgroups?: { least: number } };
      }[];
      chosen: { kind: string; description: string; reason: string };
    }
    const [{ implementation, adapters, chosen }] = await cli.json<Doctor>(here, ['doctor']);
    const output = await cli.output(here, ['doctor']);
    expect(implementation).toBe(`Dawn (webgpu ${webgpuJson.version})`);
    expect(adapters).not.toHaveLength(0);
    for (const { name, software, limits } of adapters) {
      const kind = software ? 'software' : 'hardware';
      expect(output).toContain(`webgpu    ${name} (${kind}), by ${implementation}, `);
      expect(output).toContain(`workgroups up to ${limits.invocations} threads and `);
      const lanes = limits.subgroups
        ? `, subgroups of ${limits.subgroups.least}`
        : ', no subgroups';
      expect(output).toContain(lanes);
    }
    const { kind, description, reason } = chosen;
    expect(kind).toBe(adapters.every(({ software }) => software) ? 'cpu' : 'webgpu');
    expect(output).toContain(`auto      ${description}, because ${reason}\n`);
    expect(output).toContain(process.version);
  });

  test.runIf(process.platform === 'linux')('doctor tells why there is no adapter', async () => {
    const { code, stdout } = await cli.run({ cwd, env: NO_VULKAN }, ['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^webgpu {4}none: no WebGPU adapter was found/m);
    expect(stdout).toMatch(/^auto {6}CPU, because there is no WebGPU adapter$/m);
  });

  test('--version and --help', async () => {
    expect(await cli.output(here, ['--version'])).toBe(`${packageJson.version}\n`);
    const help = await cli.output(here, ['--help']);
    for (const command of ['train', 'sample', 'eval', 'doctor']) {
      expect(help).toMatch(new RegExp(`^ {2}${command} `, 'm'));
      const own = await cli.output(here, [command, '--help']);
      expect(own).toContain(`Usage: lethe ${command} `);
      expect(own).toContain('--json');
    }
  });
});

describe('--json', () => {
  beforeEach(enterFreshFolder);

  test('prints one object a report and nothing else', async () => {
    const flags = words('--steps 7 --log-every 2 --eval-every 4 --warmup 4');
    const lines = await cli.json<TrainLine>(here, ['train', ...ON_CPU, ...flags]);

    const keys = words('step epoch loss smoothedLoss lr gradNorm skipped charsPerSecond device');
    const keysAtEvaluation = keys.toSpliced(4, 0, 'valLoss');
    const OF_PROCESS = new Set(words('device firstStepSeconds'));
    const end = words('done stopped step loss valLoss bestValLoss run');
    expect(lines.map((line) => [line.step, Object.keys(line)])).toEqual([
      // The first line tells what the start cost.
      [2, [...keys, 'firstStepSeconds']],
      [4, keysAtEvaluation],
      [6, keys],
      [7, keysAtEvaluation],
      [7, end],
    ]);
    const reports = lines.slice(0, -1);
    const { loss, valLoss } = reports.at(-1)!;
    const bestValLoss = Math.min(reports[1].valLoss!, valLoss!);
    const run = 'runs/bundled-1';
    expect(lines.at(-1)).toEqual({
      ...{ done: true, stopped: false, step: 7, loss, valLoss, bestValLoss, run },
    });
    // The log has the same, but for what is of the process.
    const logged = (await readFile(inCwd(run, 'log.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(logged.map((line) => JSON.parse(line) as TrainLine)).toEqual(
      lines.slice(0, -1).map((line) => ({
        ...Object.fromEntries(Object.entries(line).filter(([name]) => !OF_PROCESS.has(name))),
        time: expect.any(String) as string,
      })),
    );
    // Linear warm-up over four steps.
    expect(reports.map(({ lr }) => lr)).toEqual([0.0008, 0.0016, 0.002, 0.002]);
    // A tenth is held out; 64 characters of the rest a step.
    const stepsPerEpoch = (0.9 * [...bundledText].length) / 64;
    for (const { epoch, step, gradNorm } of reports) {
      expect(epoch).toBeCloseTo(step / stepsPerEpoch, 4);
      expect(gradNorm).toBeGreaterThan(0);
    }
    for (const { loss, valLoss = loss, charsPerSecond, device } of reports) {
      // An untrained model spreads its bets over the 73 characters.
      expect(loss).toBeCloseTo(Math.log(73), 0);
      expect(valLoss).toBeCloseTo(Math.log(73), 0);
      expect(charsPerSecond).toBeGreaterThan(0);
      expect(device).toBe('cpu');
    }
  });

  test('holds samples where they are asked for', async () => {
    const lines = await cli.json(here, fox('--steps 2 --sample-every 2 --length 30 --out r'));
    const sample = expect.stringMatching(/^[^]{30}$/) as string;
    expect(lines).toEqual([
      { step: 0, sample },
      expect.objectContaining({ step: 2, loss: expect.any(Number) as number }),
      { step: 2, sample },
      expect.objectContaining({ done: true, run: 'r' }),
    ]);
    const write = words('sample r --length 9 --temperature 0.5 --seed 3');
    const text = (await cli.output(here, write)).slice(0, 9);
    expect(await cli.json(here, write)).toEqual([
      { text, temperature: 0.5, seed: 3, device: 'cpu' },
    ]);
    const second = (await cli.output(here, [...write, '--seed', '4'])).slice(0, 9);
    expect(await cli.json(here, [...write, '--batch', '2'])).toEqual([
      { texts: [text, second], temperature: 0.5, seed: 3, device: 'cpu' },
    ]);
    expect(await cli.output(here, [...write, '--batch', '2', '--prime', 'fox'])).toMatch(
      /^--- seed 3 ---\nfox[^]{9}\n\n--- seed 4 ---\nfox[^]{9}\n$/,
    );
  });
});

describe('--resume', () => {
  beforeEach(enterFreshFolder);

  const losses = (lines: TrainLine[]): unknown[] =>
    lines.map(({ step, loss, valLoss }) => ({ step, loss, valLoss }));

  test('goes on as if it had never stopped, to the last bit', async () => {
    // All that a checkpoint has to carry: the step for the schedule, the place of the random
    // numbers for dropout, and the place in the text, which begins again after 16 steps.
    const settings =
      '--layers 2 --dropout 0.3 --schedule cosine --schedule-steps 30 --warmup 3 ' +
      '--log-every 5 --eval-every 10';
    const whole = await reportsOf(fox(`${settings} --steps 20 --out whole`));
    const first = await reportsOf(fox(`${settings} --steps 10 --out parts`));
    const half = await readFile(inCwd('parts', FILE));
    const resume = words('train --resume parts --steps 20 --device cpu --log-every 5');
    const rest = await reportsOf([...resume, '--eval-every', '10']);

    expect(losses([...first, ...rest])).toEqual(losses(whole));
    expect(whole).toHaveLength(4);
    const parts = await readFile(inCwd('parts', FILE));
    expect(parts.equals(half)).toBe(false);
    expect(parts.equals(await readFile(inCwd('whole', FILE)))).toBe(true);
  });

  test('takes another learning rate, and with --out leaves the first run alone', async () => {
    await cli.output(here, fox('--steps 3 --out a'));
    const before = await readFile(inCwd('a', FILE));
    await cli.output(here, words('train --resume a --steps 5 --lr 0.01 --hidden 16 --out b'));
    await cli.output(here, words('train --resume a --steps 5 --out c'));

    expect((await readFile(inCwd('a', FILE))).equals(before)).toBe(true);
    const { config, progress } = await checkpointOf('b');
    expect(progress.step).toBe(5);
    expect(config).toEqual({ ...(await checkpointOf('a')).config, lr: 0.01, steps: 5 });
    const weights = async (run: string): Promise<unknown> =>
      readCheckpoint(await readFile(inCwd(run, FILE))).tensors.get('decoder.weight');
    expect(await weights('b')).not.toEqual(await weights('c'));
  });
});

describe('bad input is one line and exit code 2, and nothing is left behind', () => {
  let made: Buffer;

  beforeAll(async () => {
    const leave = await enterFreshFolder();
    await cli.output(here, fox('--steps 2 --out made'));
    made = await readFile(inCwd('made', FILE));
    await leave();
  });

  beforeEach(async () => {
    const leave = await enterFreshFolder();
    for (const folder of ['made', 'other', 'bare', 'odd']) await mkdir(inCwd(folder));
    const w = { dtype: 'F32' as const, shape: [2], data: Float32Array.of(1, 2) };
    const files = {
      'made/checkpoint.safetensors': made,
      'other/checkpoint.safetensors': made,
      'odd/runs': 'a file where the folder of runs would be',
      'empty.txt': '',
      'binary.txt': Buffer.from('text\0more'.repeat(100)),
      'latin.txt': Buffer.from('caf\xe9\n'.repeat(200), 'latin1'),
      'short.txt': 'too short',
      'letter.txt': 't',
      'strange.txt': 'the quick\u00f1 fox',
      'half.safetensors': made.subarray(0, made.length / 2),
      'stub.safetensors': made.subarray(0, 5),
      'noise.safetensors': TEXT,
      'stranger.safetensors': encodeSafetensors(new Map([['w', w]]), {}),
    };
    for (const [name, content] of Object.entries(files)) await writeFile(inCwd(name), content);
    return leave;
  });

  /** Every path, with the size and the time of files. */
  async function snapshot(): Promise<string[]> {
    const entries = (await listing(cwd)).map(async (path) => {
      const info = await stat(inCwd(path));
      return info.isFile() ? `${path} ${info.size} ${info.mtimeMs}` : path;
    });
    return Promise.all(entries);
  }

  async function expectRefusal(args: string[], says: RegExp, place: Place = here): Promise<void> {
    const before = await snapshot();
    const { code, stdout, stderr } = await cli.run(place, args);
    // What drivers write of their own accord is not ours.
    const ours = place.env ? stderr.replace(/^(?!lethe:).*\n/gm, '') : stderr;
    expect({ code, stdout, stderr: ours }).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^lethe: .+\n$/) as string,
    });
    expect(ours).toMatch(says);
    expect(await snapshot()).toEqual(before);
  }

  const train = (flags: string, ...more: string[]): string[] => [
    ...fox('--steps 2'),
    ...words(flags),
    ...more,
  ];
  const resume = (rest: string): string[] => words(`train --steps 3 --resume ${rest}`);
  const trainOn = (file: string): string[] => ['train', file, ...ON_CPU, ...words('--steps 2')];

  test.for<[what: string, args: string[], says: RegExp]>([
    ['an unknown command', ['trian'], /unknown command 'trian'.*train/],
    ['an unknown flag', train('--bogus'), /unknown option '--bogus'/],
    ['an unknown flag before the command', ['--bogus'], /unknown option '--bogus'/],
    ['a flag without its value', ['train', '--hidden'], /--hidden.*missing/],
    ['a superfluous argument', train('more.txt'), /too many arguments/],
    ['a missing argument', words('eval made'), /missing.*'file'/],

    ['a value that is no number', train('--lr fast'), /--lr.*'fast'.*number/],
    ['an empty value', train('--lr', ''), /--lr.*number/],
    ['a fraction for a count', train('--hidden 2.5'), /--hidden.*'2\.5'.*integer/],
    ['a negative count', train('--layers -1'), /--layers -1; an integer from 1/],
    ['an infinite value', train('--clip Infinity'), /--clip.*number/],
    [
      'a model larger than memory',
      train('--hidden 65536 --layers 1000'),
      /--hidden 65536: with 1000 layers, .* weights take .* MB, .*choose fewer units or layers/,
    ],
    [
      'a model that no device takes',
      train('--cell rnn --hidden 50000'),
      /--hidden 50000: with 1 layer, |ScanCell: .*weight_hh of \[50000, 50000\] needs 10000000000 bytes/,
    ],
    ['an unknown cell', train('--cell lstn'), /--cell.*'lstn'.*rnn, lstm, gru/],
    ['an unknown device', train('--device gpu'), /--device.*'gpu'.*auto, webgpu, cpu/],

    [
      'a forget bias for a cell without such a gate',
      train('--cell mgu --forget-bias 1'),
      /--forget-bias 1; mgu has no gate f for it: leave it out, or choose one of lstm, /,
    ],

    ['no units', train('--hidden 0'), /hidden.* 0\b.*from 1/],
    ['too many units', train('--hidden 70000'), /hidden.* 70000.*65536/],
    ['no streams', train('--batch 0'), /batch.* 0\b.*from 1/],
    ['a negative rate', train('--lr -1'), /lr.* -1.*from 0/],
    ['a dropout over 1', train('--dropout 1.5'), /dropout.* 1\.5.*from 0 to 1/],
    ['all of the text held out', train('--valid 1'), /valid.* 1\b.*from 0 to 0\.9/],
    ['a seed of over 32 bits', train('--seed 4294967296'), /seed.* 4294967296.*4294967295/],
    ['no steps', train('--steps 0'), /steps.* 0\b/],
    ['a report every 0 steps', train('--log-every 0'), /log.?every.* 0\b/i],
    ['a negative temperature', train('--temperature -1'), /temperature.* -1/],
    ['an empty prime', train('--prime', ''), /prime.*empty/],
    ['a prime of unknown characters', train('--prime QED'), /U\+0051 'Q' at position 0/],

    ['a file that is not there', trainOn('none.txt'), /cannot read none\.txt.*not exist/],
    ['a folder for a file', trainOn('bare'), /cannot read bare.*folder/],
    ['an empty file', trainOn('empty.txt'), /empty\.txt is empty/],
    ['a file that is not UTF-8', trainOn('latin.txt'), /latin\.txt.*UTF-8.*offset 3.*windows-1252/],
    ['a file that is no text', trainOn('binary.txt'), /binary\.txt.*zero byte at offset 4/],
    ['no text in eval', words('eval made binary.txt'), /binary\.txt.*zero byte at offset 4/],
    ['no name of a text', trainOn(''), /'' is invalid for argument 'file'.*a name/],
    ['no name of a folder', train('--out', ''), /--out.*''.*a name/],
    ['no name of a run to go on with', train('--resume', ''), /--resume.*''.*a name/],
    ['no name of a run to begin with', train('--init-from', ''), /--init-from.*''.*a name/],
    ['no name of a file of settings', train('--config', ''), /--config.*''.*a name/],
    ['no name of a run', ['sample', ''], /'' is invalid for argument 'run'.*a name/],
    ['no name of a prime file', ['sample', 'made', '--prime-file', ''], /--prime-file.*''.*a name/],
    ['no name of a text in eval', ['eval', 'made', ''], /'' is invalid for argument 'file'/],
    ['an unknown encoding', train('--encoding utf-9'), /encoding.*utf-9.*TextDecoder/],
    [
      'a text shorter than a window',
      trainOn('short.txt'),
      /shorter than one window.* 65 .* 8\b.*of the 9 characters.* 1 \w+ held out/,
    ],
    [
      'patience without evaluations',
      train('--patience 2 --eval-every 0'),
      /: --patience 2;.*--eval-every is 0/,
    ],
    ['--out on an existing run', train('--out made'), /made.*--resume made/],
    ['--out on a file', train('--out fox.txt'), /cannot make the folder fox\.txt/],
    ['--out below a file', train('--out fox.txt/run'), /cannot make the folder fox\.txt\/run/],

    ['--resume of no run', resume('none'), /no checkpoint in none/],
    ['--resume with other units', resume('made --hidden 17'), /--hidden 17; .*begun with 16\b/],
    ['--resume with another cell', resume('made --cell gru'), /--cell gru; .*begun with lstm/],
    [
      '--resume with another text',
      resume('made strange.txt'),
      /strange\.txt differs.*--init-from made/,
    ],
    ['--resume of a finished run', words('train --resume made --steps 2'), /step 2.*--steps/],
    ['--resume into another run', resume('made --out other'), /other.*checkpoint/],
    ['--resume of half a checkpoint', resume('half.safetensors'), /cut off/],

    ['half a checkpoint', words('sample half.safetensors'), /half\.safetensors is cut off/],
    ['a stub of a checkpoint', words('sample stub.safetensors'), /stub\.safetensors is cut off/],
    ['a file that is no checkpoint', words('sample noise.safetensors'), /noise.*not a safetensors/],
    ['a stranger', words('sample stranger.safetensors'), /stranger.*no checkpoint of lethe/],
    ['a stranger to eval', words('eval stranger.safetensors fox.txt'), /no checkpoint of lethe/],
    ['a folder without a checkpoint', words('sample bare'), /no checkpoint in bare/],
    ['no run at all', ['sample'], /no run in runs\//],

    ['unknown characters in eval', words('eval made strange.txt'), /U\+00F1.*position 9/],
    ['no streams in eval', words('eval made fox.txt --batch 0'), /--batch 0; an integer from 1/],
    ['two primes', words('sample made --prime a --prime-file fox.txt'), /--prime and --prime-file/],
    ['a prime file that is not there', words('sample made --prime-file none'), /none.*not exist/],
    [
      'unknown characters in a prime file',
      words('sample made --prime-file strange.txt'),
      /U\+00F1/,
    ],
    ['an empty file in eval', words('eval made empty.txt'), /empty\.txt is empty/],
    ['unknown characters to begin with', words('sample made --prime fo\u00f1'), /U\+00F1/],
    ['nothing to begin with', ['sample', 'made', '--prime', ''], /prime is empty/],
    ['a temperature below 0', words('sample made --temperature -0.5'), /temperature.* -0\.5/],
    ['no probability to draw from', words('sample made --top-p 0'), /lethe: --top-p 0; .*above 0/],
    [
      'the best of a file',
      words('sample made/checkpoint.safetensors --best'),
      /--best .*made\/checkpoint\.safetensors is a file; leave --best out/,
    ],
    ['no text at all', words('sample made --batch 0'), /lethe: --batch 0; .*from 1/],
    ['a seed of a sample over 32 bits', words('sample made --seed 4294967297'), /4294967297/],
  ])('%s', async ([, args, says]) => {
    await expectRefusal(args, says);
  });

  test('a file where the folder of runs would be', async () => {
    const odd = { cwd: inCwd('odd') };
    await expectRefusal(['train', '../fox.txt', ...ON_CPU, '--steps', '2'], /runs/, odd);
    await expectRefusal(['sample'], /runs/, odd);
  });

  test.runIf(process.platform === 'linux')(
    'the input is read before a device is opened',
    async () => {
      const place = { cwd, env: NO_VULKAN };
      const refusals: [string, RegExp][] = [
        ['sample none', /no checkpoint in none/],
        ['sample made --prime fo\u00f1', /U\+00F1/],
        ['sample made --top-p 2', /--top-p 2/],
        ['eval none fox.txt', /no checkpoint in none/],
        ['eval made none.txt', /cannot read none\.txt/],
        ['eval made strange.txt', /U\+00F1/],
      ];
      for (const [args, says] of refusals) {
        await expectRefusal([...words(args), '--device', 'webgpu'], says, place);
      }
    },
  );

  test.runIf(process.platform === 'linux')('--out where the system makes no folder', async () => {
    await expectRefusal(train('--out /proc/run'), /cannot make the folder \/proc\/run: /);
    await expectRefusal(train('--out /proc/run/1'), /cannot make the folder \/proc\/run\/1: /);
  });

  test.runIf(process.platform === 'linux')('webgpu without a driver', async () => {
    const args = ['train', 'fox.txt', ...TINY, ...words('--steps 2 --device webgpu')];
    await expectRefusal(args, /no WebGPU adapter.*cpu/, { cwd, env: NO_VULKAN });
  });
});

test('an old Node is told which one is needed, before anything else is read', async () => {
  const leave = await enterFreshFolder();
  // Without the rest, which it would import.
  await cp(dirname(cli.main), cwd, { recursive: true });
  await rm(inCwd('program.js'));
  await writeFile(inCwd('package.json'), '{ "type": "module" }');
  for (const [version, needed] of [
    ['18.20.8', /^lethe: Node 20\.\d+ or later is needed, this is v\d[\d.]+: \S+\n$/],
    ['20.18.3', /^lethe: Node 20\.\d+ or later is needed/],
    ['20.19.0', /^(?!lethe: Node)/],
    ['24.0.0', /^(?!lethe: Node)/],
  ] as const) {
    const fake = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
    const args = ['--import', `data:text/javascript,${fake}`, 'main.js', 'doctor'];
    const { code, stdout, stderr } = await start(process.execPath, args, here).ended;
    expect([version, stdout]).toEqual([version, '']);
    expect(stderr).toMatch(needed);
    expect(code).toBe(stderr.startsWith('lethe: Node') ? 2 : 1);
  }
  await leave();
});

describe('an end before its time', () => {
  beforeEach(enterFreshFolder);

  const ENDLESS = '--steps 1000000';

  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s saves, says so and exits 0',
    async (signal) => {
      const running = cli.start(here, fox(`${ENDLESS} --save-every 0 --out r`));
      await running.printed(/^step +10 /m);
      running.child.kill(signal);
      // Both the system and a shell may send it.
      if (signal === 'SIGHUP') running.child.kill(signal);
      const { code, stdout, stderr } = await running.ended;

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.includes('stopping after this step and saving; once more quits')).toBe(
        signal !== 'SIGHUP',
      );
      const [, stopped] = /^stopped at step ([\d,]+); saved in r$/m.exec(stdout)!;
      const { step } = (await checkpointOf('r')).progress;
      expect(step.toLocaleString('en-US')).toBe(stopped);
      expect(step).toBeGreaterThanOrEqual(10);
      expect(step).toBeLessThan(1_000_000);
    },
  );

  test('a stopped run goes on as if it had not been stopped', async () => {
    // Stopped between two reports, as soon as there was one.
    const rarely = '--log-every 7 --eval-every 0 --sample-every 0 --save-every 0';
    const running = cli.start(here, fox(`${ENDLESS} ${rarely} --out parts`));
    await running.printed(/^step +7 /m);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    const { step } = (await checkpointOf('parts')).progress;
    expect(step).toBeGreaterThanOrEqual(7);

    const rest = `--steps ${step + 5} ${rarely}`;
    await cli.output(here, words(`train --resume parts --device cpu ${rest}`));
    await cli.output(here, fox(`${rest} --out whole`));
    expect(await checkpointOf('parts')).toEqual(await checkpointOf('whole'));
    const parts = await readFile(inCwd('parts', FILE));
    expect(parts.equals(await readFile(inCwd('whole', FILE)))).toBe(true);
  });

  test('--json stays JSON when stopped', async () => {
    const running = cli.start(here, fox(`${ENDLESS} --log-every 1 --out r --json`));
    await running.printed(/\n/);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('step');
    const { step } = (await checkpointOf('r')).progress;
    expect(step).toBeGreaterThanOrEqual(lines.length - 1);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ done: true, stopped: true, step, run: 'r' });
  });

  test('a kill at any moment leaves a whole checkpoint, and its litter is cleared', async () => {
    // Small steps between checkpoints of 2 MB, so that most kills come in the middle of a write.
    const model = words('--hidden 160 --batch 1 --seq 1');
    const flags = words(
      `${ENDLESS} --save-every 1 --log-every 1 --eval-every 0 --device cpu --json`,
    );
    const temporaries = async (): Promise<string[]> =>
      (await readdir(inCwd('r'))).filter((name) => name.endsWith('.tmp'));
    let last = 0;
    for (let i = 0; i < 8; i++) {
      const from = i === 0 ? ['fox.txt', ...model, '--out', 'r'] : ['--resume', 'r'];
      const running = cli.start(here, ['train', ...from, ...flags]);
      // The checkpoint of a step follows its report, so the first is whole once two are there.
      await running.printed(/\n.*\n/);
      const own = `.lethe-${running.child.pid}-`;
      expect((await temporaries()).filter((name) => !name.startsWith(own))).toEqual([]);
      await sleep(Math.random() * 60);
      running.child.kill('SIGKILL');
      const { signal, stdout } = await running.ended;
      expect(signal).toBe('SIGKILL');

      const { step } = (await checkpointOf('r')).progress;
      expect(step).toBeGreaterThanOrEqual(last + stdout.split('\n').length - 2);
      last = step;
      // Whether or not this kill left one.
      await writeFile(inCwd('r', `${own}0123456789abcdef.tmp`), 'half of a checkp');
    }
    const end = ['--device', 'cpu', '--steps', String(last + 1)];
    await cli.output(here, ['train', '--resume', 'r', ...end]);
    expect(await temporaries()).toEqual([]);
    expect(await cli.output(here, words('sample r --length 5'))).toHaveLength(6);
  });
});

describe('webgpu', () => {
  beforeEach(enterFreshFolder);

  test('learns what the CPU learns, and each reads the checkpoint of the other', async () => {
    const flags = words('--steps 5 --log-every 1 --eval-every 5');
    const learn = (device: string): Promise<TrainLine[]> =>
      reportsOf(['train', 'fox.txt', ...TINY, ...flags, '--device', device, '--out', device]);
    vi.stubEnv('XDG_CACHE_HOME', here.cwd);
    const gpu = await learn('webgpu');
    const found = JSON.parse(
      await readFile(join(here.cwd, 'lethe', 'tuning.json'), 'utf8'),
    ) as object;
    expect(Object.keys(found)).toHaveLength(1);
    vi.unstubAllEnvs();
    const cpu = await learn('cpu');
    expect(gpu.map(({ step, device }) => [step, device])).toEqual(
      cpu.map(({ step }) => [step, 'webgpu']),
    );
    expect(cpu).toHaveLength(5);
    for (const [i, { loss }] of cpu.entries()) {
      expect(Math.abs(gpu[i].loss - loss)).toBeLessThan(1e-3);
    }
    expect(Math.abs(gpu[4].valLoss! - cpu[4].valLoss!)).toBeLessThan(1e-3);

    const measure = async (run: string, device: string): Promise<number> => {
      const args = ['eval', run, 'fox.txt', '--device', device];
      const [figures] = await cli.json<TrainLine>(here, args);
      expect(figures.device).toBe(device);
      return figures.loss;
    };
    const reference = await measure('cpu', 'cpu');
    expect(Math.abs((await measure('webgpu', 'cpu')) - reference)).toBeLessThan(1e-3);
    expect(Math.abs((await measure('cpu', 'webgpu')) - reference)).toBeLessThan(1e-3);
  });
});
