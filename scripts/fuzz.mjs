/**
 * Changed files and random programs, as many as are wanted; CI runs some of them as tests.
 *
 *   npm run fuzz -- [--seed 1] [--files 10000] [--programs 1000] [--webgpu 1000]
 *   npm run fuzz -- --seed 1 --file 17        that file alone
 *   npm run fuzz -- --seed 1 --program 17     that program alone, which is printed
 *
 * A file is one of every kind that Lethe reads, with changes of its bytes, its header and the JSON in it: it must be refused
 * by an error of Lethe, or give the numbers that its bytes say, and leave nothing behind. A program draws operations and
 * shapes: values and gradients of f32, by the CPU's plain loops, its SIMD and WebGPU, directly and replayed, must be those
 * of f64, and the gradients of f64 those of differences; what is refused in one place must be so in all.
 *
 * `--webgpu` says how many of the programs run on WebGPU too, on whatever adapter there is; without a driver that is named,
 * SwiftShader. Exits with 1, and a command that shows it again, where something is wrong.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import { serveSources } from '../bench/load.mjs';
import { asUsageError, readCount, runCommand } from '../bench/options.mjs';
import { findSwiftShader, needsVulkanDriver } from './browser.mjs';

function readOptions() {
  const { values } = asUsageError(() =>
    parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        files: { type: 'string', default: '10000' },
        programs: { type: 'string', default: '1000' },
        webgpu: { type: 'string', default: '1000' },
        file: { type: 'string' },
        program: { type: 'string' },
      },
    }),
  );
  const seed = readCount('seed', values.seed, 0);
  const one = values.file ?? values.program;
  const count = (/** @type {'files' | 'programs'} */ name) =>
    one === undefined ? readCount(name, values[name], 0) : 0;
  /** @param {string | undefined} number @param {number} many */
  const range = (number, many) =>
    number === undefined
      ? { seed, count: many }
      : { seed, from: readCount('file or --program', number, 0), count: 1 };
  return {
    files: range(values.file, count('files')),
    programs: range(values.program, count('programs')),
    webgpu: readCount('webgpu', values.webgpu, 0),
    shows: values.program !== undefined,
  };
}

async function main() {
  const options = readOptions();
  if (needsVulkanDriver()) process.env.VK_ICD_FILENAMES = findSwiftShader();
  const server = await serveSources();
  const { openDevice } = /** @type {typeof import('../src/node')} */ (
    await server.ssrLoadModule('/src/node.ts')
  );
  const { fuzzFiles, fuzzPrograms } = /** @type {typeof import('../test/fuzz/main')} */ (
    await server.ssrLoadModule('/test/fuzz/main.ts')
  );
  const revision = execFileSync('git', ['rev-parse', '--short=8', 'HEAD'], { encoding: 'utf8' });
  console.log(`${new Date().toISOString().slice(0, 10)}, revision ${revision.trim()}`);
  /** @type {string[]} */
  const problems = [];
  /** @param {string} what @param {import('../test/fuzz/main').Range} range @param {import('../test/fuzz/main').Findings} findings */
  const tell = (what, { seed, count }, findings) => {
    problems.push(...findings.problems);
    const { refused, calls } = findings;
    const inThem = calls > 0 ? `${calls} calls, ${refused} more refused` : `${refused} refused`;
    console.log(`${count} ${what}, seed ${seed}: ${inThem}; ${findings.problems.length} problems`);
    for (const problem of findings.problems) console.log(`\n${problem}`);
  };
  /** @param {string} what @returns {(done: number) => void} */
  const progress = (what) => (done) => {
    if (done % 500 === 499) console.error(`${what} ${done + 1}`);
  };

  if (options.files.count > 0) {
    const device = await openDevice('cpu', { threads: 1 });
    tell('files', options.files, await fuzzFiles(options.files, device, progress('file')));
    device.dispose();
  }
  const { programs } = options;
  if (programs.count > 0) {
    const reference = await openDevice('cpu', { reference: true });
    const targets = [
      { name: 'f64', device: reference, dtype: /** @type {const} */ ('f64') },
      { name: 'plain loops', device: reference, dtype: /** @type {const} */ ('f32') },
      { name: 'SIMD', device: await openDevice('cpu'), dtype: /** @type {const} */ ('f32') },
    ];
    const show = options.shows ? console.log : undefined;
    tell(
      'programs on the CPU',
      programs,
      await fuzzPrograms(programs, reference, targets, progress('program'), show),
    );
    const onGpu = { ...programs, count: Math.min(options.webgpu, programs.count) };
    if (onGpu.count > 0) {
      const device = await openDevice('webgpu');
      const gpu = [{ name: device.description, device, dtype: /** @type {const} */ ('f32') }];
      tell(
        `programs on WebGPU (${device.description})`,
        onGpu,
        await fuzzPrograms(onGpu, reference, gpu, progress('program on WebGPU')),
      );
      device.dispose();
    }
  }
  await server.close();
  return problems.length === 0 ? 0 : 1;
}

await runCommand(main);
// Dawn's objects keep Node alive.
process.exit();
