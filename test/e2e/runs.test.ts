/** The folder of a run, and the ways to go on: settings, log, best checkpoint, --resume and --init-from. */
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { encodeRunFile } from '../../demos/train/run_file';
import { EMPTY } from '../../demos/train/journal';
import { openDevice } from '../../src/index';
import { CharTrainer, completeConfig, readCheckpoint, saveCheckpoint } from '../../src/train/index';
import { markText } from '../../src/train/index';
import { Cli, listing } from '../setup/cli';
import type { Place, ReportLine } from '../setup/cli';

const FILE = 'checkpoint.safetensors';
const BEST = 'best.safetensors';
const TEXT = 'the quick brown fox jumps over the lazy dog.\n'.repeat(27).slice(0, 1200);
const TINY = { hidden: 16, embedding: 8, batch: 4, seq: 16 };
const SMALL = '--hidden 16 --embedding 8 --batch 4 --seq 16';
const QUIET = '--device cpu --sample-every 0';

const words = (line: string): string[] => line.split(' ').filter(Boolean);

let cli: Cli;
let cwd: string;
let here: Place;

const inCwd = (...path: string[]): string => join(cwd, ...path);
const lethe = (line: string): Promise<string> => cli.output(here, words(`${line} ${QUIET}`));
const plain = (line: string): Promise<string> => cli.output(here, words(line));
const train = (flags: string): Promise<string> => lethe(`train fox.txt ${SMALL} ${flags}`);
const headerOf = async (path: string) => readCheckpoint(await readFile(inCwd(path)), path).header;

async function refusal(line: string): Promise<string> {
  const { code, stdout, stderr } = await cli.run(here, words(`${line} ${QUIET}`));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^lethe: [^\n]+\n$/);
  return stderr;
}

async function logOf(run: string): Promise<ReportLine[]> {
  const text = await readFile(inCwd(run, 'log.jsonl'), 'utf8');
  expect(text).toMatch(/\n$/);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ReportLine);
}

const stepsOf = async (run: string): Promise<number[]> =>
  (await logOf(run)).map(({ step }) => step);

beforeAll(async () => {
  cli = await Cli.build();
});

afterAll(() => cli?.dispose());

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lethe-runs-'));
  cwd = folder;
  here = { cwd };
  await writeFile(inCwd('fox.txt'), TEXT);
  return () => rm(folder, { recursive: true, force: true });
});

describe('a run folder', () => {
  test('has settings, log, and the last and the best checkpoint', async () => {
    await train('--steps 25 --eval-every 10 --schedule cosine --out r');
    expect(await listing(inCwd('r'))).toEqual([BEST, FILE, 'config.json', 'log.jsonl']);

    const config = JSON.parse(await readFile(inCwd('r/config.json'), 'utf8')) as unknown;
    expect(config).toEqual({
      ...{ lethe: packageJson.version, text: 'fox.txt' },
      ...completeConfig({ ...TINY, steps: 25, schedule: 'cosine' }),
      ...{ device: 'cpu', logEvery: 10, evalEvery: 10, saveEvery: 100, sampleEvery: 0 },
      ...{ patience: 0, length: 300, temperature: 0.8 },
    });
    const log = await logOf('r');
    expect(log.map(({ step }) => step)).toEqual([10, 20, 25]);
    for (const { step, lr, epoch, gradNorm, valLoss } of log) {
      expect(lr).toBeCloseTo(0.001 * (1 + Math.cos((Math.PI * (step - 1)) / 25)), 7);
      expect(epoch).toBeCloseTo(step / 16, 3);
      expect(gradNorm).toBeGreaterThan(0);
      expect(valLoss).toBeGreaterThan(0);
    }
    const lowest = log.reduce((a, b) => (b.valLoss! < a.valLoss! ? b : a));
    const best = await headerOf(`r/${BEST}`);
    expect(best.progress.step).toBe(lowest.step);
    expect(best.valLoss).toBeCloseTo(lowest.valLoss!, 5);
  });

  test('the best is not the last where the loss rises, and sample and eval can take it', async () => {
    // So high a rate forgets what the first steps learnt.
    await train('--steps 12 --eval-every 2 --out r');
    await lethe('train --resume r --steps 40 --lr 50 --eval-every 2');
    const log = await logOf('r');
    const lowest = log.reduce((a, b) => ((b.valLoss ?? 99) < (a.valLoss ?? 99) ? b : a));
    expect(lowest.step).toBeLessThan(40);
    expect((await headerOf(`r/${BEST}`)).progress.step).toBe(lowest.step);
    const loss = async (flags: string): Promise<number> =>
      (JSON.parse(await plain(`eval r fox.txt --json --device cpu ${flags}`)) as ReportLine).loss;
    expect(await loss('--best')).toBeLessThan(await loss(''));
    expect(await loss('--best')).toBe(
      (JSON.parse(await plain(`eval r/${BEST} fox.txt --json --device cpu`)) as ReportLine).loss,
    );
    const text = (flags: string): Promise<string> => plain(`sample r --length 40 ${flags}`);
    expect(await text('--best')).not.toBe(await text(''));
  });

  test('without a held-out text there is no best, which is told', async () => {
    await train('--steps 3 --valid 0 --out r');
    expect(await listing(inCwd('r'))).toEqual([FILE, 'config.json', 'log.jsonl']);
    const { code, stderr } = await cli.run(here, words('sample r --best'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/best\.safetensors.*leave --best out/);
  });

  test('patience ends a run that gets no better, and says so', async () => {
    const output = await train('--steps 500 --lr 0 --eval-every 2 --patience 3 --out r');
    expect(output).toMatch(/held-out loss has not fallen for 3 evaluations.*step 2: .*best\.safe/);
    expect(output).toContain('done at step 8; saved in r\n');
    const last = await headerOf(`r/${FILE}`);
    expect(last.progress.step).toBe(8);
    expect(last.valLoss).toBeCloseTo((await logOf('r')).at(-1)!.valLoss!, 5);
    expect(await stepsOf('r')).toEqual([2, 4, 6, 8]);
    const lines = await cli.json(here, words(`train --config r/config.json --out s ${QUIET}`));
    expect(lines.at(-2)).toMatchObject({ step: 8, stalled: true, bestStep: 2 });
    expect(lines.at(-1)).toMatchObject({ done: true, step: 8 });
  });

  test('the best loss of a run that went on may be of before', async () => {
    await train('--steps 12 --eval-every 2 --out r');
    const { valLoss } = await headerOf(`r/${BEST}`);
    const resume = `train --resume r --lr 50 --eval-every 2 ${QUIET}`;
    const lines = await cli.json<{ valLoss: number; bestValLoss: number }>(
      here,
      words(`${resume} --steps 40`),
    );
    const reports = lines.slice(0, -1).flatMap(({ valLoss }) => valLoss ?? []);
    expect(lines.at(-1)!.bestValLoss).toBeCloseTo(Math.min(valLoss!, ...reports), 5);
    // That the rate spoils it is what shows where the loss is from.
    const [best] = await cli.json<{ loss: number }>(here, words('eval r fox.txt --device cpu'));
    expect(best.loss).toBeGreaterThan(lines.at(-1)!.bestValLoss);
    const more = await cli.json<{ bestValLoss: number; valLoss: number }>(
      here,
      words(`${resume} --steps 44`),
    );
    expect(more.at(-1)!.bestValLoss).toBe(lines.at(-1)!.bestValLoss);
    expect(more.at(-1)!.valLoss).toBeGreaterThan(more.at(-1)!.bestValLoss);
  });

  test('what another program put there is not written over', async () => {
    for (const name of ['config.json', 'log.jsonl', 'text.txt']) {
      await mkdir(inCwd('mine'));
      await writeFile(inCwd('mine', name), '{"precious": true}');
      expect(await refusal(`train fox.txt ${SMALL} --steps 2 --out mine`)).toContain(
        `mine/${name} is not of a run of lethe`,
      );
      expect(await readFile(inCwd('mine', name), 'utf8')).toBe('{"precious": true}');
      expect(await readdir(inCwd('mine'))).toEqual([name]);
      await rm(inCwd('mine'), { recursive: true });
    }
    await mkdir(inCwd('mine'));
    await train('--steps 2 --out r');
    await copyFile(inCwd('r', BEST), inCwd('mine', BEST));
    expect(await refusal(`train fox.txt ${SMALL} --steps 2 --out mine`)).toContain(
      'holds a checkpoint',
    );
    // A run that was killed before its first checkpoint is begun again.
    for (const name of [FILE, BEST]) await rm(inCwd('r', name));
    await train('--steps 2 --out r');
  });

  test('runs that begin at once share no folder', async () => {
    await Promise.all([1, 2, 3, 4].map(() => train('--steps 30')));
    expect(await readdir(inCwd('runs'))).toEqual(['fox-1', 'fox-2', 'fox-3', 'fox-4']);
    for (const i of [1, 2, 3, 4]) expect(await stepsOf(`runs/fox-${i}`)).toEqual([10, 20, 30]);
  });
});

describe('the log', () => {
  test('goes on where the checkpoint stands, without a step twice', async () => {
    await train('--steps 20 --log-every 5 --eval-every 10 --out r');
    const first = await readFile(inCwd('r/log.jsonl'), 'utf8');
    // A process that was killed had come further than its checkpoint, and was writing.
    const more = '{"step":25,"loss":1}\n{"step":30,"loss":1}\n{"step":3';
    await writeFile(inCwd('r/log.jsonl'), first + more);
    await lethe('train --resume r --steps 30 --log-every 5 --eval-every 0');
    expect(await stepsOf('r')).toEqual([5, 10, 15, 20, 25, 30]);
    expect((await readFile(inCwd('r/log.jsonl'), 'utf8')).startsWith(first)).toBe(true);

    await train('--steps 30 --log-every 5 --eval-every 10 --out whole');
    const losses = async (run: string) => (await logOf(run)).map(({ loss, lr }) => [loss, lr]);
    expect(await losses('r')).toEqual(await losses('whole'));
  });

  test('is there after a kill, every line that was printed', async () => {
    const flags = `--steps 1000000 --log-every 1 --save-every 7 --json ${QUIET}`;
    const running = cli.start(here, words(`train fox.txt ${SMALL} ${flags} --out r`));
    await running.printed(/"step":40\b/);
    running.child.kill('SIGKILL');
    const { stdout } = await running.ended;
    const printed = stdout.split('\n').length - 1;
    const steps = await stepsOf('r');
    expect(steps.length).toBeGreaterThanOrEqual(printed - 1);
    expect(steps).toEqual(steps.map((_, i) => i + 1));
    const { step } = (await headerOf(`r/${FILE}`)).progress;
    await lethe(`train --resume r --steps ${step + 3} --log-every 1`);
    expect(await stepsOf('r')).toEqual(Array.from({ length: step + 3 }, (_, i) => i + 1));
  });
});

describe('what goes wrong in the middle', () => {
  const ENDLESS = `--steps 1000000 --log-every 1 --eval-every 0 --save-every 5`;

  test('a folder that is removed is one line that names it', async () => {
    const running = cli.start(here, words(`train fox.txt ${SMALL} ${ENDLESS} ${QUIET} --out r`));
    await running.printed(/^step +6 /m);
    await rename(inCwd('r'), inCwd('moved'));
    const { code, stderr } = await running.ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^lethe: cannot write .*\br\/\S+: .*\n$/);
    const { step } = (await headerOf(`moved/${FILE}`)).progress;
    await lethe(`train --resume moved --steps ${step + 1}`);
  });

  test.runIf(process.platform === 'linux')('a full disk leaves the old files whole', async () => {
    await train('--steps 5 --out r');
    const before = await readFile(inCwd('r', FILE));
    const running = cli.start(here, words(`train --resume r ${ENDLESS} --save-every 0 ${QUIET}`));
    await running.printed(/^step +6 /m);
    // Whatever is written there finds no space. In one step, as the run would make a file anew.
    await symlink('/dev/full', inCwd('full'));
    await rename(inCwd('full'), inCwd('r/log.jsonl'));
    const { code, stderr } = await running.ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^lethe: cannot write to r\/log\.jsonl: .*(ENOSPC|no space).*\n$/);
    expect((await readFile(inCwd('r', FILE))).equals(before)).toBe(true);
  });
});

describe('--config', () => {
  test('repeats a run, and flags go before it', async () => {
    await train('--steps 10 --lr 0.01 --schedule step --schedule-steps 4 --out a');
    await lethe('train --config a/config.json --out b');
    expect((await readFile(inCwd('b', FILE))).equals(await readFile(inCwd('a', FILE)))).toBe(true);
    await lethe('train --config a/config.json --hidden 12 --seed 5 --schedule cosine --out c');
    expect((await headerOf(`c/${FILE}`)).config).toEqual(
      completeConfig({
        ...{ ...TINY, hidden: 12, steps: 10, lr: 0.01, schedule: 'cosine', seed: 5 },
      }),
    );
  });

  test('a file that is wrong is told by its name, before anything is made', async () => {
    const wrong: [json: string, says: RegExp][] = [
      ['{"hiden": 3}', /c\.json: unknown .*hiden.*did you mean hidden\?/],
      ['{"learning_rate": 3}', /did you mean lr\?/],
      ['{"hidden": "32"}', /c\.json: hidden = "32"; an integer/],
      ['{"lr": -1}', /c\.json: lr = -1/],
      ['{"evalEvery": 1.5}', /c\.json: evalEvery = 1\.5/],
      ['{"logEvery": 0}', /c\.json: logEvery = 0/],
      ['{"device": "gpu"}', /c\.json: device = "gpu"; choose one of auto/],
      ['{"prime": 5}', /c\.json: prime = 5; a text/],
      ['{"temperature": "warm"}', /c\.json: temperature = "warm"/],
      ['{"text": 5}', /c\.json: text = 5/],
      ['[]', /c\.json is no JSON object/],
      ['null', /c\.json is no JSON object/],
      ['{"hidden": 3', /c\.json is no JSON/],
    ];
    for (const [json, says] of wrong) {
      await writeFile(inCwd('c.json'), json);
      expect(await refusal('train fox.txt --config c.json')).toMatch(says);
    }
    expect(await refusal('train fox.txt --config none.json')).toMatch(/cannot read none\.json/);
    expect(await readdir(cwd)).toEqual(['c.json', 'fox.txt']);
  });
});

describe('--resume', () => {
  test('of the checkpoint in a folder goes on in that folder', async () => {
    await train('--steps 5 --out r');
    const output = await lethe(`train --resume r/${FILE} --steps 10`);
    expect(output).toContain(`goes on from step 5 of r/${FILE}`);
    expect(output).toContain('done at step 10; saved in r\n');
  });

  test('of a file by any name goes on in a fresh folder, which is told', async () => {
    await train('--steps 5 --out r');
    await copyFile(inCwd('r', FILE), inCwd('r/kept.model'));
    const before = await readFile(inCwd('r', FILE));
    for (const name of ['r/kept.model', `r/${BEST}`]) {
      const output = await lethe(`train --resume ${name} --steps 10 --eval-every 0`);
      const [, folder] = /saved in (runs\/fox-\d)$/m.exec(output)!;
      expect((await headerOf(`${folder}/${FILE}`)).progress.step).toBe(10);
      // The best checkpoint of a run brings along what came before it.
      expect(await stepsOf(folder)).toEqual(name === `r/${BEST}` ? [5, 10] : [10]);
    }
    expect((await readFile(inCwd('r', FILE))).equals(before)).toBe(true);
  });

  test("of a studio's export takes the text from it, and keeps it for another time", async () => {
    const text = 'na\u00efve caf\u00e9s, again and again\n'.repeat(40);
    const source = { name: 'pasted text', text };
    const trainer = new CharTrainer(await openDevice('cpu'), text, TINY);
    for (let i = 0; i < 3; i++) await trainer.trainStep();
    const mark = markText(text, source.name);
    const checkpoint = await saveCheckpoint(trainer, mark);
    const settings = { train: trainer.config, device: 'auto', temperature: 0.8 } as const;
    await writeFile(
      inCwd('export.safetensors'),
      encodeRunFile({ source, settings, journal: EMPTY, mark, step: 3, checkpoint }),
    );
    const output = await lethe('train --resume export.safetensors --steps 6');
    const [, folder] = /saved in (.+)$/m.exec(output)!;
    expect(folder).toBe('runs/pasted text-1');
    expect(await readFile(inCwd(folder, 'text.txt'), 'utf8')).toBe(text);
    for (let i = 0; i < 3; i++) await trainer.trainStep();
    const { progress, text: marked } = await headerOf(`${folder}/${FILE}`);
    expect(progress).toMatchObject({ step: 6, cursor: trainer.progress.cursor });
    expect(marked).toEqual({ ...mark, source: join(folder, 'text.txt') });
    const again = await cli.run(here, [
      'train',
      '--resume',
      folder,
      ...words(`--steps 9 ${QUIET}`),
    ]);
    expect(again.stderr).toBe('');
    expect((await headerOf(`${folder}/${FILE}`)).progress.step).toBe(9);
    // And its weights begin another run.
    expect(await lethe('train --init-from export.safetensors --steps 2 --out w')).toContain(
      'step 3',
    );
  });

  test('a killed run goes on to the end that it had', async () => {
    // By itself: who hears of the step may come after the last one.
    const killer = `
      const { write } = process.stdout;
      process.stdout.write = (...given) => {
        if (/^step +12 /m.test(given[0])) process.kill(process.pid, 'SIGKILL');
        return write.apply(process.stdout, given);
      };`;
    const options = `--import=data:text/javascript,${encodeURIComponent(killer)}`;
    const { signal } = await cli.run(
      { ...here, env: { NODE_OPTIONS: options } },
      words(`train fox.txt ${SMALL} --steps 400 --log-every 1 --save-every 5 ${QUIET} --out r`),
    );
    expect(signal).toBe('SIGKILL');
    expect(await lethe('train --resume r')).toContain('done at step 400; saved in r\n');
    await train('--steps 400 --out whole');
    expect((await readFile(inCwd('r', FILE))).equals(await readFile(inCwd('whole', FILE)))).toBe(
      true,
    );
  });

  test('a schedule that has ended is told, and one named anew follows the run', async () => {
    await train('--steps 10 --schedule cosine --schedule-steps 10 --out r');
    expect(await refusal('train --resume r --steps 20')).toMatch(
      /cosine schedule has ended.*--schedule-steps.*--schedule cosine/,
    );
    await lethe('train --resume r --steps 20 --schedule cosine');
    expect((await logOf('r')).at(-1)!.lr).toBeGreaterThan(0);
    expect((await logOf('r')).at(-1)!.lr).toBeLessThan(1e-4);
  });

  test('a schedule that follows a longer run is told, with the rates', async () => {
    const begun = await train('--steps 10 --schedule cosine --out r');
    expect(begun).not.toContain('schedule now');
    const output = await lethe('train --resume r --steps 20 --log-every 1');
    const [, from, to] =
      /the cosine schedule now runs to step 20: the rate goes from (\S+) to (\S+)\n/.exec(output)!;
    const rates = (await logOf('r')).map(({ lr }) => lr);
    expect(Number(from)).toBeCloseTo(rates[0], 6);
    expect(Number(to)).toBeCloseTo(rates[1], 5);
    expect(Number(to)).toBeGreaterThan(10 * Number(from));
    await train('--steps 10 --schedule cosine --schedule-steps 30 --out s');
    expect(await lethe('train --resume s --steps 20')).not.toContain('schedule now');
  });

  test('what no flag says is as in config.json of the run, as it is for --init-from', async () => {
    const settings = async (run: string): Promise<object> =>
      JSON.parse(await readFile(inCwd(run, 'config.json'), 'utf8')) as object;
    const loop = {
      ...{ device: 'cpu', logEvery: 3, evalEvery: 4, saveEvery: 5, sampleEvery: 6, patience: 7 },
      ...{ prime: 'fox', length: 8, temperature: 0.9 },
    };
    await plain(
      `train fox.txt ${SMALL} --steps 4 --device cpu --log-every 3 --eval-every 4 --save-every 5 ` +
        '--sample-every 6 --patience 7 --prime fox --length 8 --temperature 0.9 --out r',
    );
    expect(await settings('r')).toMatchObject(loop);
    expect(await plain('train --resume r --steps 7')).toContain('after 6 steps, it writes');
    expect(await settings('r')).toMatchObject({ ...loop, steps: 7 });
    expect(await stepsOf('r')).toEqual([3, 4, 6, 7]);
    await plain(`train --resume r/${BEST} --steps 9 --out t`);
    expect(await settings('t')).toMatchObject({ ...loop, steps: 9 });
    await writeFile(inCwd('c.json'), '{"logEvery": 2, "length": 5}');
    await plain('train --init-from r --config c.json --steps 5 --length 6 --out s');
    expect(await settings('s')).toMatchObject({ ...loop, steps: 5, logEvery: 2, length: 6 });
    await plain('train --resume r --steps 9 --log-every 1 --sample-every 0');
    expect(await settings('r')).toMatchObject({ ...loop, logEvery: 1, sampleEvery: 0, steps: 9 });
    // A model in a folder that is none of a run.
    await mkdir(inCwd('other'));
    await copyFile(inCwd('r', FILE), inCwd('other', FILE));
    await writeFile(inCwd('other/config.json'), '{"logEvery": 1, "n_layer": 12}');
    await train('--init-from other --steps 3 --out u');
    expect(await settings('u')).toMatchObject({ logEvery: 10 });
  });

  test('how often it samples stays as it was where that is left to --json', async () => {
    await plain(`train fox.txt ${SMALL} --steps 2 --device cpu --length 5 --out r`);
    const config = await readFile(inCwd('r/config.json'), 'utf8');
    expect(JSON.parse(config)).toMatchObject({ sampleEvery: null });
    const lines = await cli.json(here, words('train --config r/config.json --out s'));
    expect(lines).toEqual(lines.filter((line) => !('sample' in (line as object))));
    expect(await plain('train --config r/config.json --out t')).toContain('at first, it writes');
  });

  test('rate, clip, dropout and the end may change', async () => {
    await train('--steps 4 --layers 2 --out r');
    await lethe('train --resume r --steps 8 --lr 0.01 --clip 0.5 --clip-value 0.1 --dropout 0.3');
    const changed = { steps: 8, lr: 0.01, clip: 0.5, clipValue: 0.1, dropout: 0.3 };
    expect((await headerOf(`r/${FILE}`)).config).toMatchObject(changed);
    expect(JSON.parse(await readFile(inCwd('r/config.json'), 'utf8'))).toMatchObject(changed);
    expect(await refusal('train --resume r --steps 9 --batch 5')).toMatch(
      /--batch 5; .*begun with 4.*dropout.* can\)/,
    );
  });
});

describe('--init-from', () => {
  test('begins a new run on another text, with rows for its new characters', async () => {
    await train('--steps 30 --lr 0.02 --eval-every 30 --out r');
    await writeFile(inCwd('other.txt'), TEXT.replaceAll('quick', '\u00c4pf3l'));
    const refused = await refusal('train other.txt --resume r --steps 40');
    expect(refused).toMatch(
      /other\.txt differs from .*fox\.txt.*lethe train other\.txt --init-from r/,
    );
    const output = await lethe('train other.txt --init-from r --steps 20 --eval-every 1 --out s');
    expect(output).toContain(
      `begins with the weights of r/${FILE} (step 30); 2 new characters: 3 \u00c4`,
    );
    const first = (await logOf('s'))[0];
    expect(first.step).toBe(1);
    // Nearer to the loss of the run before than to that of a model that knows nothing.
    expect(first.loss).toBeLessThan(((await logOf('r')).at(-1)!.loss + Math.log(30)) / 2);
    const header = await headerOf(`s/${FILE}`);
    expect(header.config).toEqual({ ...(await headerOf(`r/${FILE}`)).config, steps: 20 });
    expect(header.progress.step).toBe(20);
    expect(await refusal('train other.txt --init-from r --hidden 17')).toMatch(
      /--hidden 17; .* 16/,
    );
    expect(await refusal('train --init-from r --resume r')).toMatch(/--resume.*--init-from/);
    expect(await refusal('train --init-from r --out r')).toMatch(/r holds a checkpoint/);
  });

  test('a corrected letter needs no new rows', async () => {
    await train('--steps 5 --out r');
    await writeFile(inCwd('fox.txt'), TEXT.replace('quick', 'quack'));
    expect(await refusal('train --resume r --steps 9')).toContain('--init-from r');
    const output = await lethe('train fox.txt --init-from r --out s');
    expect(output).toContain('begins with the weights of');
    expect(output).not.toContain('new character');
    expect((await headerOf(`s/${FILE}`)).progress.step).toBe(5);
  });
});
