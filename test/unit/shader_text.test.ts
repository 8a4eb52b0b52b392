/** What the text of every shader keeps to, whatever a compiler makes of it. */
import { expect, test } from 'vitest';

import { configurations } from '../setup/pipelines';

const files = import.meta.glob<string>('../../shaders/**/*.wgsl', {
  eager: true,
  query: '?raw',
  import: 'default',
});

/** Every text: the files, and what kernels generate. */
const sources = new Map([
  ...Object.entries(files),
  ...[...configurations()].map(
    ([kernel, { name, source }]) =>
      [`${kernel}, ${name}, ${source.length} characters`, source] as const,
  ),
]);

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

test.each([...sources])('%s gives every var in a loop its value', (_, source) => {
  expect(uninitialised(source)).toEqual([]);
});
