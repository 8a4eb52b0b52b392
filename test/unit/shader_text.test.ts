/** What the text of every shader keeps to, whatever a compiler makes of it. */
import { expect, test } from 'vitest';

import { LEAST_LIMITS } from '../../src/backend/kernel';
import { LANES } from '../../src/backend/webgpu/limits';
import { REGISTERED } from '../setup/cells';
import { configurations } from '../setup/pipelines';

const files = import.meta.glob<string>('../../shaders/**/*.wgsl', {
  eager: true,
  query: '?raw',
  import: 'default',
});

/** The texts of each kernel that its configurations have for adapters of every kind, with their names. */
const generated = new Map<string, Map<string, string>>();
for (const [kernel, { name, source }] of configurations()) {
  const texts = generated.get(kernel) ?? new Map<string, string>();
  generated.set(kernel, texts.set(source, name));
}

/**
 * The declarations of `var` without an initial value within loops. WGSL gives such a variable zeros on each
 * turn; Dawn's compiler leaves it what it had at the end of the turn before.
 */
function uninitialised(source: string): string[] {
  const text = source.replace(/\/\/.*$/gm, '').replace(/\/\*[^]*?\*\//g, '');
  const found: string[] = [];
  /** Of each open brace, whether it is of a loop or within one. */
  const open: boolean[] = [];
  // `for (...) {` as a whole: its head has semicolons, and a `var` of its own, which is set once.
  for (const [token] of text.matchAll(
    /\bfor\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*\{|\bwhile\b[^{;]*\{|\bloop\s*\{|\{|\}|\bvar\b[^;={}]*(?:;|=)/g,
  )) {
    if (token === '}') open.pop();
    else if (token === '{') open.push(open.at(-1) ?? false);
    else if (token.endsWith('{')) open.push(true);
    else if (open.at(-1) && token.endsWith(';')) found.push(token);
  }
  return found;
}

test.each([
  ['in a for', 'fn f() { for (var i = 0u; i < g(1, (2)); i++) { var x: f32; } }', 1],
  ['in a while', 'fn f() { while (i < 2u) { var x: vec4<f32>; } }', 1],
  ['in a loop', 'fn f() { loop { if (a) { var x: array<f32, 4>; break; } } }', 1],
  ['behind one', 'fn f() { for (;;) { a(); } var x: f32; }', 0],
  ['with a value', 'fn f() { for (var i = 0; i < 2; i++) { var x = 0.0; var y: f32 = 1.0; } }', 0],
  ['in a comment', 'fn f() { loop { // var x: f32;\n } }', 0],
  ['of a module', 'var<workgroup> x: array<f32, 4>; fn f() { loop { x[0] = 1; } }', 0],
])('a var without an initial value %s', (_, source, count) => {
  expect(uninitialised(source)).toHaveLength(count);
});

test.each(Object.entries({ ...files, 'lanes of subgroups': LANES }))(
  '%s gives every var in a loop its value',
  (_, source) => {
    expect(uninitialised(source)).toEqual([]);
  },
);

test.each([...generated])('%s gives it in every configuration', (_, texts) => {
  const found = [...texts].map(([source, name]) => [name, uninitialised(source)] as const);
  expect(found.filter(([, wrong]) => wrong.length > 0)).toEqual([]);
});

test('configurations differ with cells, sizes and adapters', () => {
  const count = (kernel: string) => generated.get(kernel)!.size;
  for (const kernel of ['scan_forward', 'scan_backward']) {
    expect(count(kernel)).toBeGreaterThan(20 * REGISTERED.length);
  }
  // Three ways to read and write: without tiles, and in tiles of two sizes with each ending.
  expect(count('matmul')).toBeGreaterThan(20);
});

/** Threads of a workgroup, by entry point. Sizes are products of numbers, constants and overrides. */
function threadsOf(source: string, overrides: Readonly<Record<string, number>>) {
  const constants = new Map(
    [...source.matchAll(/\bconst (\w+)(?:: u32)? = ([^;]+);/g)].map(([, name, of]) => [name, of]),
  );
  const value = (product: string): number =>
    product.split('*').reduce((all, factor) => {
      const name = factor.trim();
      const constant = constants.get(name);
      const own = constant === undefined ? overrides[name] : value(constant);
      return all * (own ?? Number(name.replace(/u$/, '')));
    }, 1);
  const entries = source.matchAll(/@workgroup_size\(([^)]*)\)\s*fn (\w+)/g);
  return new Map(
    [...entries].map(([, sizes, name]) => [
      name,
      sizes.split(',').reduce((all, size) => all * value(size), 1),
    ]),
  );
}

test('sizes of workgroups are read', () => {
  const source = `const A = 8u; const B = A * 4u; override c: u32;
    @compute @workgroup_size(B, A) fn f() {}
    @compute @workgroup_size(c)
    fn g() {}
    @compute @workgroup_size(d) fn h() {}`;
  expect([...threadsOf(source, { c: 3 })]).toEqual([
    ['f', 256],
    ['g', 3],
    ['h', NaN],
  ]);
});

test('no launch within the limits of compatibility mode has larger workgroups', () => {
  const threads = new Map<string, number>();
  for (const [kernel, config, params] of configurations([LEAST_LIMITS])) {
    for (const { entry = 'main', params: own } of config.launch(params)) {
      // Sizes may be those of a launch.
      const sizes = /@workgroup_size\([^)]*[a-z]/.test(config.source) ? { ...params, ...own } : {};
      const key = `${kernel}, ${config.name}, ${entry}, ${JSON.stringify(sizes)}`;
      if (threads.has(key)) continue;
      threads.set(key, threadsOf(config.source, sizes).get(entry) ?? NaN);
    }
  }
  expect(threads.size).toBeGreaterThan(100);
  expect([...threads].filter(([, count]) => !(count <= LEAST_LIMITS.invocations))).toEqual([]);
});
