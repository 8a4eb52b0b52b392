/** The tests themselves, where they are to run on the machine's GPU. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { findSwiftShader } from '../../scripts/browser.mjs';
import { start } from '../setup/cli';

const root = join(import.meta.dirname, '../..');
const QUICK = ['--project', 'dawn', 'test/device/adapter.test.ts'];
const SWIFTSHADER = { VK_ICD_FILENAMES: findSwiftShader(), VK_DRIVER_FILES: findSwiftShader() };

describe('LETHE_TEST_ADAPTER', () => {
  const runTests = (adapter: string) =>
    start(process.execPath, ['scripts/test.mjs', ...QUICK], {
      cwd: root,
      env: { ...SWIFTSHADER, LETHE_TEST_ADAPTER: adapter },
    }).ended;

  test('hardware: a software adapter is refused', async () => {
    const { code, stdout, stderr } = await runTests('hardware');
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/the only adapter is SwiftShader.*, which is software/);
    expect(stderr).toContain('failed in dawn: test/device/adapter.test.ts');
    expect(stdout).toMatch(/^0 passed, 1 failed$/m);
  });

  test('empty: one that is named will do', async () => {
    const { code, stdout } = await runTests('');
    expect(stdout).toMatch(/^1 passed, 0 failed$/m);
    expect(code).toBe(0);
  });

  test('anything else is refused', async () => {
    const { code, stderr } = await runTests('software');
    expect(code).toBe(1);
    expect(stderr).toContain('LETHE_TEST_ADAPTER=software; it may be hardware, or left out');
  });
});

test('what bench:pack-gpu packs runs by itself, with nothing of the environment', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lethe-gpu-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const lethe = join(folder, 'lethe');
  const pack = start(process.execPath, ['bench/pack_gpu.mjs', lethe], { cwd: root });
  expect(await pack.ended).toMatchObject({ code: 0 });

  const driver = `VK_ICD_FILENAMES=${findSwiftShader()}`;
  const bare = (...args: string[]) => start('env', ['-i', driver, ...args], { cwd: folder }).ended;
  const run = join(lethe, 'run.sh');
  const refused = await bare(run, 'tests', ...QUICK);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stdout).toContain('0 passed, 1 failed');
  expect(refused.stdout).toContain('failed in dawn: test/device/adapter.test.ts');
  const log = join(lethe, 'tests.log');
  expect(refused.stdout).toContain(`log: ${log}`);
  expect(await readFile(log, 'utf8')).toContain('which is software');

  const passed = await bare('LETHE_TEST_ADAPTER=', run, 'tests', ...QUICK);
  expect(passed).toMatchObject({ code: 0 });
  expect(passed.stdout).toContain('1 passed, 0 failed');
  const help = await bare(run, 'bench', '--help');
  expect(help.stdout).toContain('bench/gpu.mjs [options]');
});
