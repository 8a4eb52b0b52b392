/** A cell's equations, compiled: values, gradients, what is kept, and specs that are refused. */
import { describe, expect, test } from 'vitest';

import { defineCell } from '../../src/cell/definition';
import type { CellDefinition } from '../../src/cell/definition';
import type { Algebra } from '../../src/cell/expression';
import { shadersOf } from '../../src/cell/shaders';
import { runProgram } from '../../src/cell/program';
import type { Program } from '../../src/cell/program';
import { ArgumentError } from '../../src/errors';
import { CELLS } from '../setup/cells';

/** The algebra of plain numbers. */
const NUMBERS: Algebra<number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
  neg: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  abs: Math.abs,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  relu: (x) => Math.max(x, 0),
};

const { lstm, gru, rnn, peephole, indrnn } = CELLS;

/** Numbers that no two of which are equal, away from corners. */
const numbers = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => 1.3 * Math.sin(3.7 * i + seed) + 0.05);

function run(program: Program, values: readonly number[]): Float64Array {
  const at = new Float64Array(program.slots).fill(NaN);
  at.set(values);
  at.set(program.constants, program.externals);
  runProgram(program, at);
  return at;
}

const sizes = (cell: CellDefinition) => [cell.slots.length, cell.state.length, cell.vectors.length];

function direct(cell: CellDefinition, inputs: readonly number[]): number[] {
  const [K, S] = sizes(cell);
  const named = (names: readonly string[], from: number) =>
    Object.fromEntries(names.map((name, i) => [name, inputs[from + i]]));
  const next = cell.spec.step(
    NUMBERS,
    named(cell.slots, 0),
    named(cell.state, K),
    named(cell.vectors, K + S),
  );
  return cell.state.map((name) => next[name]);
}

describe.each(Object.entries(CELLS))('%s', (_, cell) => {
  const [K, S, V] = sizes(cell);
  const inputs = numbers(K + S + V, cell.name.length);

  test('the program takes the step', () => {
    const at = run(cell.forward, inputs);
    const next = direct(cell, inputs);
    next.forEach((value, i) => expect(at[K + S + V + i]).toBeCloseTo(value, 14));
  });

  test('its gradient is that of the numbers', () => {
    const forward = run(cell.forward, inputs);
    const [dy, ...d] = numbers(1 + S, 9);
    const sums = numbers(V, 4);
    const values = [
      ...forward.slice(0, K),
      ...inputs.slice(K, K + S),
      ...forward.slice(K + S + V, K + S + V + S),
      ...inputs.slice(K + S),
      ...[dy, ...d, ...sums],
    ];
    const at = run(cell.backward, values);
    const first = K + S + S + V + 1;
    const gradients = [
      ...at.slice(0, K),
      ...at.slice(first, first + S),
      ...at.slice(first + S, first + S + V).map((value, i) => value - sums[i]),
    ];
    const seeds = d.map((value, i) => (i === 0 ? value + dy : value));
    const loss = (x: readonly number[]): number =>
      direct(cell, x).reduce((sum, value, i) => sum + value * seeds[i], 0);
    const step = 1e-6;
    gradients.forEach((gradient, i) => {
      const moved = (by: number) => loss(inputs.map((x, j) => (i === j ? x + by : x)));
      expect(gradient).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 8);
    });
  });
});

test('a slot keeps the activation, where the gradient needs no more', () => {
  const kept = (cell: CellDefinition) => {
    const [K, S, V] = sizes(cell);
    return [...run(cell.forward, numbers(K + S + V, 1)).slice(0, K)];
  };
  for (const value of kept(lstm)) expect(Math.abs(value)).toBeLessThan(1);
  // hn is multiplied by a gate: itself.
  expect(kept(gru)[3]).toBe(numbers(5, 1)[3]);
  expect(lstm.keepsSlots && gru.keepsSlots && peephole.keepsSlots).toBe(true);
  // The output tells all.
  expect(rnn.keepsSlots || indrnn.keepsSlots).toBe(false);
});

test('a cell shows its gates after their activations', () => {
  const inputs = numbers(4, 3);
  // h, and z of the hidden state alone: the RNN's gradient needs neither, and still it shows.
  expect(run(rnn.observed, [inputs[0], 0])[0]).toBeCloseTo(NUMBERS.tanh(inputs[0]), 14);
  const [r, z] = run(gru.observed, [...inputs, 0.2]);
  expect([r, z]).toEqual([NUMBERS.sigmoid(inputs[0]), NUMBERS.sigmoid(inputs[1])]);
});

test('an LSTM takes few instructions', () => {
  expect(lstm.forward.code.length / 5).toBe(8);
  expect(lstm.backward.code.length / 5).toBeLessThanOrEqual(16);
});

test('recurrent products that go to slots in a row are one', () => {
  expect(lstm.runs).toEqual([{ gate: 0, count: 4, slot: 0 }]);
  expect(gru.runs).toEqual([
    { gate: 0, count: 2, slot: 0 },
    { gate: 2, count: 1, slot: 3 },
  ]);
  expect(indrnn.runs).toEqual([]);
});

type Loose = Record<string, (...args: unknown[]) => unknown>;

test.each([
  [3, '3.0'],
  [-0.5, '-0.5'],
  [1e-7, '1e-7'],
  [1e21, '1e+21'],
])('%s is a number of WGSL', (value, written) => {
  const cell = defineCell({
    ...{ name: 'x', gates: ['a'], state: ['h'] },
    step: (m, z) => ({ h: m.min(m.tanh(z.a), value) }),
  });
  expect(shadersOf(cell).forward.own).toContain(`, ${written})`);
});

describe('a spec is refused', () => {
  const good = {
    name: 'x',
    gates: ['a'],
    state: ['h'],
    step: (m: Loose, z: Loose) => ({ h: m.tanh(z.a) }),
  };
  const define = (changes: object) => () => defineCell({ ...good, ...changes } as never);

  test('while the right one passes', () => {
    expect(define({})).not.toThrow();
  });

  test.each<[what: string, changes: object, message: RegExp]>([
    ['an unknown option', { gate: ['a'] }, /defineCell.*\bgate\b.*gates/],
    ['a name', { name: '' }, /name = .*a letter first/],
    ['no gates', { gates: [] }, /has no gate/],
    ['a gate twice', { gates: ['a', 'a'] }, /gates of x has a name twice: a, a/],
    ['a gate that is no word', { gates: ['a b'] }, /gates of x has a b;/],
    ['gates that are no list', { gates: 'a' }, /gates = a of x; a list/],
    ['no state', { state: [] }, /has no state/],
    ['an unknown gate apart', { apart: ['b'] }, /b is no gate of x; its gates are a/],
    ['a bias of an unknown gate', { biases: { f: 1 } }, /f is no gate of x/],
    [
      'a recurrence',
      { recurrence: 'sparse' },
      /recurrence = sparse of x; choose 'dense' or 'none'/,
    ],
    ['apart without a product', { recurrence: 'none', apart: ['a'] }, /nothing apart/],
    ['a name that apart takes', { gates: ['a', 'ha'], apart: ['a'] }, /a gate ha/],
    ['a vector that is a parameter', { vectors: { bias_ih: 0 } }, /a vector bias_ih/],
    ['too many gates', { gates: ['a', 'b', 'c', 'd', 'e'] }, /5 gates; 4 in all/],
    ['no step', { step: undefined }, /step = undefined/],
    [
      'a gate in the step',
      { step: (m: Loose, z: Loose) => ({ h: m.tanh(z.q) }) },
      /reads the gate q; there is a/,
    ],
    [
      'a state in the step',
      { step: (m: Loose, _: Loose, s: Loose) => ({ h: m.tanh(s.c) }) },
      /reads the state c; there is h/,
    ],
    [
      'a vector in the step',
      { step: (m: Loose, z: Loose, _: Loose, v: Loose) => ({ h: m.mul(z.a, v.u) }) },
      /reads the vector u; there are none/,
    ],
    [
      'an operation',
      { step: (m: Loose, z: Loose) => ({ h: m.matmul(z.a, z.a) }) },
      /calls m\.matmul; there are add, .*product inside of a step.*Cell of your own/,
    ],
    ['no result', { step: () => undefined }, /returns h = undefined/],
    [
      'a result without a state',
      { state: ['h', 'c'], step: (_: Loose, z: Loose) => ({ h: z.a }) },
      /returns c = undefined.*new h, c/,
    ],
    [
      'a result that is no state',
      { step: (m: Loose, z: Loose) => ({ h: m.tanh(z.a), c: z.a }) },
      /returns c, and its state is h; add c to the state/,
    ],
    ['a gate that nothing depends on', { gates: ['a', 'b'] }, /depends on z\.b; use it, or leave/],
    ['a vector that nothing depends on', { vectors: { u: 1 } }, /depends on v\.u;/],
    [
      'a choice by truth',
      { gates: ['a', 'b'], step: (_: Loose, z: Loose) => ({ h: z.a ? z.b : z.a }) },
      /depends on z\.a; .*A branch of JavaScript is taken once/,
    ],
    [
      'an operand too many',
      { step: (m: Loose, z: Loose) => ({ h: m.add(z.a, z.a, 1) }) },
      /gives m\.add 3 operands; it takes 2/,
    ],
    ['an unknown start', { vectors: { u: 'normal' } }, /vector u starts at normal; a finite/],
    ['a range that falls', { vectors: { u: [1, 0] } }, /vector u starts at .*\[low, high\]/],
    ['a start that is NaN', { vectors: { u: NaN } }, /vector u starts at NaN/],
    ['a bias that is no number', { biases: { a: '1' } }, /bias of a starts at "?1"?; a finite/],
    [
      'a branch',
      { step: (m: Loose, z: Loose) => ({ h: (z.a as unknown as number) > 0 ? z.a : m.neg(z.a) }) },
      /in a branch; write it with the algebra/,
    ],
    [
      "JavaScript's arithmetic",
      { step: (m: Loose, z: Loose) => ({ h: m.tanh((z.a as unknown as number) * 2) }) },
      /JavaScript's own arithmetic/,
    ],
    [
      'something else',
      { step: (m: Loose, z: Loose) => ({ h: m.add(z.a, undefined) }) },
      /computes with undefined; an operand is a number, or what the same call of step/,
    ],
    [
      'a tensor',
      { step: (m: Loose, z: Loose) => ({ h: m.add(z.a, new Float32Array(1)) }) },
      /computes with an object of Float32Array; .* belongs into vectors/,
    ],
    [
      'a number that f32 does not hold',
      { step: (m: Loose, z: Loose) => ({ h: m.min(z.a, Infinity) }) },
      /computes with Infinity; a number of at most 3\.4e38/,
    ],
    [
      'a number too large for f32',
      { step: (m: Loose, z: Loose) => ({ h: m.min(z.a, 1e39) }) },
      /computes with 1e\+39; a number of at most 3\.4e38/,
    ],
  ])('for %s', (_, changes, message) => {
    expect(define(changes)).toThrow(ArgumentError);
    expect(define(changes)).toThrow(message);
  });
});
