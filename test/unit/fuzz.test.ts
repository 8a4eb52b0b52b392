/** Some of what `npm run fuzz` has many of; a problem names the command that shows it again. */
import { expect, test } from 'vitest';

import { add, detach, mul, openDevice, sigmoid, square, zeros } from '../../src/index';
import type { Tensor } from '../../src/index';
import * as ops from '../../src/ops/index';
import { disown } from '../../src/tensor/scope';
import { checkProgram } from '../fuzz/check';
import { checkFile } from '../fuzz/check_file';
import type { Functions, Target } from '../fuzz/execute';
import { originals } from '../fuzz/files';
import { fuzzFiles, fuzzPrograms } from '../fuzz/main';
import { OPERATIONS } from '../fuzz/operations';
import type { Program } from '../fuzz/program';

const reference = await openDevice('cpu', { reference: true });
const simd = await openDevice('cpu', { threads: 1 });
const f64: Target = { name: 'f64', device: reference, dtype: 'f64' };
const targets: Target[] = [
  f64,
  { name: 'plain loops', device: reference, dtype: 'f32' },
  { name: 'SIMD', device: simd, dtype: 'f32' },
];

test('files are read whole before they are changed', async () => {
  for (const file of await originals()) {
    expect(await checkFile(file.bytes, file, simd), file.name).toEqual({
      refused: false,
      problem: '',
    });
  }
});

test('300 changed files are refused by an error of Lethe, or give what their bytes say', async () => {
  const { problems, refused } = await fuzzFiles({ seed: 1, count: 300 }, simd);
  expect(problems).toEqual([]);
  // Some are read: what was changed is a weight.
  expect(refused).toBeGreaterThan(200);
  expect(refused).toBeLessThan(300);
});

test('a reader that fails otherwise, or keeps a tensor, is found', async () => {
  const [file] = await originals();
  const problemOf = async (read: () => Promise<void>): Promise<string> =>
    (await checkFile(file.bytes, { ...file, read }, simd)).problem;
  const crash = () => Promise.reject(new TypeError('x is undefined'));
  expect(await problemOf(crash)).toMatch(/none of Lethe's: TypeError: x is undefined/);
  let kept: Tensor | undefined;
  const keep = () => Promise.resolve(void (kept = zeros(simd, [2])));
  expect(await problemOf(keep)).toBe('1 tensors are left behind');
  kept?.dispose();
});

test('60 random programs compute the same by f64, plain loops and SIMD, and have the gradient of differences', async () => {
  const { problems, calls, refused } = await fuzzPrograms(
    { seed: 1, count: 60 },
    reference,
    targets,
  );
  expect(problems).toEqual([]);
  expect(calls).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(5);
});

test('the same seed draws the same programs, another one others', async () => {
  const drawn = async (seed: number): Promise<string[]> => {
    const shown: string[] = [];
    await fuzzPrograms({ seed, count: 4 }, reference, [], undefined, (code) => shown.push(code));
    return shown;
  };
  expect(await drawn(3)).toEqual(await drawn(3));
  expect(await drawn(4)).not.toEqual(await drawn(3));
});

test('every operation is drawn', () => {
  // scan is what recurrent layers run.
  const drawn = [...Object.keys(OPERATIONS), 'scan'];
  expect(Object.keys(ops).filter((name) => !drawn.includes(name))).toEqual([]);
});

const PROGRAM: Program = {
  inputs: [{ name: 'x0', shape: [3], dtype: 'float', values: [0.5, -1, 2], grad: true }],
  made: [],
  calls: [
    { name: 'v0', op: 'square', args: [{ $: 'x0' }] },
    { name: 'v1', op: 'tanh', args: [{ $: 'v0' }] },
    { name: 'v2', op: 'sum', args: [{ $: 'v1' }] },
  ],
  refused: [{ name: 'v3', op: 'amax', args: [{ $: 'x0' }, { dim: 4 }], error: 'ArgumentError' }],
};

test('a program of which all holds', async () => {
  expect(await checkProgram(PROGRAM, reference, targets)).toBe('');
});

let runs = 0;
const PLANTED: readonly (readonly [what: string, Target, Functions, RegExp])[] = [
  ['a wrong value', targets[2], { tanh: sigmoid }, /SIMD: value v1\[0\]: 0\.56\d+, in f64 0\.24/],
  [
    'a wrong gradient',
    f64,
    { square: (x: Tensor) => mul(detach(x), x) },
    /f64: gradient x0\[0\][^]*gradient of x0: .* differences give/,
  ],
  ['a wrong shape', targets[1], { sum: (x: Tensor) => x }, /value v2 has shape \[3\], in f64 \[\]/],
  [
    'what is not refused',
    f64,
    { amax: (x: Tensor) => x },
    /v3 = amax.*: no error, not ArgumentError/,
  ],
  [
    'a wrong replay',
    targets[2],
    { square: (x: Tensor) => (runs++ > 0 ? add(square(x), 1) : square(x)) },
    /replayed value v0/,
  ],
  [
    'a tensor that is kept',
    targets[2],
    { square: (x: Tensor) => (x.device.notes ?? disown(zeros(simd, [1])), square(x)) },
    /tensors are left behind/,
  ],
  [
    'a crash',
    targets[2],
    {
      square: () => {
        throw new TypeError('x is undefined');
      },
    },
    /TypeError: x is undefined/,
  ],
];
test.each(PLANTED)(
  '%s is found, and the program made smaller',
  async (_, target, planted, message) => {
    runs = 0;
    const report = await checkProgram(PROGRAM, reference, [{ ...target, planted }]);
    expect(report).toMatch(message);
    expect(report).toMatch(/^const x0 = tensor\(device, \[0.5, -1, 2\], \[3\], /m);
  },
);

test('what has no part in a failure is not shown', async () => {
  const planted = { ...targets[2], planted: { tanh: sigmoid } };
  const report = await checkProgram(PROGRAM, reference, [planted]);
  const code = report.split('\n\n')[1];
  expect(code.split('\n').slice(1)).toEqual(['const v0 = square(x0);', 'const v1 = tanh(v0);']);
});
