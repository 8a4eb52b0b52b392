/** The interpreter of the CPU's SIMD module, instruction by instruction, against plain arithmetic. */
import { describe, expect, test } from 'vitest';

import { findEngine, loadEngine } from '../../src/backend/cpu/load_engine';
import { Lease } from '../../src/backend/cpu/heap';
import { OPS } from '../../src/cell/ops';
import { INSTRUCTION, runProgram } from '../../src/cell/program';
import type { Program } from '../../src/cell/program';
import { scanParams } from '../../src/kernels/scan_config';
import { encode, FUSED, SLOT_BYTES } from '../../src/kernels/simd/program';
import { simdScanForward } from '../../src/kernels/simd/scan';
import { Random } from '../../src/random';

await loadEngine();
const engine = findEngine()!;
const lease = new Lease(engine.heap);

/** Slots of a step without a product: what the program reads, then the state before and after. */
const INPUTS = 3;
const RESULT = INPUTS + 1;
const EXTERNALS = INPUTS + 2;
const ROWS = 5;
const SENTINEL = -98_765.5;

/** Values at which an instruction may go wrong, and ordinary ones between them. */
const SPECIAL = [
  ...[0, -0, 1, -1, 0.5, Infinity, -Infinity, NaN, 2 ** -149, 1e-40, -1e-40, 2 ** -126, 3.4e38],
  ...[1e-30, 88, -88, 87.5, -103, -110, 20, -20, 0.70710677, 1.4142135, 1e-4, -1e-4, 9, -9, 1e30],
];
const random = new Random(11);
const ORDINARY = Float32Array.from({ length: 997 }, () => random.normal() * 3);
const MIXED = ORDINARY.map((x, i) => (i % 3 === 0 ? SPECIAL[(i / 3) % SPECIAL.length] : x));

/** What is left in the slots of each unit by the module, and by plain arithmetic in f64. */
function results(program: Program, hidden: number, values = ORDINARY) {
  const gates = lease.array('f32', ROWS * INPUTS * hidden)!;
  const part = (ROWS + ROWS) * hidden;
  const states = lease.array('f32', part + hidden)!.fill(SENTINEL);
  gates.forEach((_, i) => (gates[i] = values[i % values.length]));
  for (let i = ROWS * hidden; i < part; i++) states[i] = values[(7 * i) % values.length];
  const wanted = { gates: Float32Array.from(gates), states: Float32Array.from(states) };
  const at = new Float64Array(program.slots);
  for (let r = 0; r < ROWS; r++) {
    for (let j = 0; j < hidden; j++) {
      at.set(program.constants, program.externals);
      for (let i = 0; i < INPUTS; i++) at[i] = gates[(r * INPUTS + i) * hidden + j];
      at[INPUTS] = states[(ROWS + r) * hidden + j];
      at[RESULT] = states[r * hidden + j];
      runProgram(program, at);
      for (let i = 0; i < INPUTS; i++) wanted.gates[(r * INPUTS + i) * hidden + j] = at[i];
      wanted.states[r * hidden + j] = at[RESULT];
    }
  }
  const done = simdScanForward(
    engine.simd(1),
    { weight: gates, vectors: gates, table: gates, gates, states },
    scanParams({ time: 1, batch: ROWS, hidden, recurrent: 0 }),
    cellOf(program),
  );
  const found = { gates: Float32Array.from(gates), states: Float32Array.from(states) };
  lease.free(gates);
  lease.free(states);
  return { done, found, wanted };
}

function cellOf(program: Program) {
  const gates = ['a', 'b', 'c'];
  const cell = { gates, slots: gates, state: ['h'], vectors: [], biased: false, runs: [] };
  return { ...cell, forward: program, backward: program };
}

/** Within `tolerance` of a number, or of `least` where that is larger. */
interface Tolerance {
  tolerance: number;
  least: number;
}
const ROUNDED: Tolerance = { tolerance: 4e-7, least: 2 ** -126 };
/** Where several operations round, and their results may cancel. */
const CHAINED: Tolerance = { tolerance: 1e-6, least: 10 };

function expectSame(
  program: Program,
  hidden: number,
  { tolerance, least } = CHAINED,
  values: typeof ORDINARY = ORDINARY,
): void {
  const { done, found, wanted } = results(program, hidden, values);
  expect(done).toBe(true);
  for (const name of ['gates', 'states'] as const) {
    found[name].forEach((value, i) => {
      const right = wanted[name][i];
      if (Object.is(value, right)) return;
      if (Math.abs(value - right) <= tolerance * Math.max(Math.abs(right), least)) return;
      expect.fail(`hidden ${hidden}, ${name}[${i}]: ${value}, not ${right}`);
    });
  }
}

const plain = (code: number[][], constants: number[] = [], temporaries = 0): Program => ({
  code: code.flatMap((line) => [...line, 0, 0, 0].slice(0, INSTRUCTION)),
  ...{ externals: EXTERNALS, constants, slots: EXTERNALS + constants.length + temporaries },
});

const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 64, 130, 1030];

test.each(Object.entries(OPS))('%s', (name, op) => {
  // Where f32 overflows in between, f64 does not.
  const chained = ['madd', 'sigmoidGrad', 'tanhGrad'].includes(name);
  const [tolerance, values] = chained ? [CHAINED, ORDINARY] : [ROUNDED, MIXED];
  for (const hidden of SIZES) {
    for (const [a, b, c] of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 1, 1],
    ]) {
      expectSame(plain([[op, RESULT, a, b, c]]), hidden, tolerance, values);
      // In place.
      expectSame(plain([[op, a, a, b, c]]), hidden, tolerance, values);
    }
  }
});

describe('programs', () => {
  const [CONSTANT, T, U] = [EXTERNALS, EXTERNALS + 1, EXTERNALS + 2];
  /** Each with the instruction that comes of it, where one does. */
  const PROGRAMS: [string, number[][], number?][] = [
    [
      'the gradient of a sigmoid',
      [
        [OPS.mul, T, 0, 3],
        [OPS.sigmoidGrad, 0, T, 1],
      ],
      FUSED.mulSigmoidGrad,
    ],
    [
      'the gradient of tanh',
      [
        [OPS.mul, T, 0, 3],
        [OPS.tanhGrad, T, T, 1],
        [OPS.copy, 2, T],
      ],
      FUSED.mulTanhGrad,
    ],
    [
      'a product less',
      [
        [OPS.mul, T, 0, 3],
        [OPS.sub, RESULT, T, CONSTANT],
      ],
      FUSED.mulSub,
    ],
    [
      'less a product',
      [
        [OPS.mul, T, 0, 3],
        [OPS.sub, RESULT, CONSTANT, T],
      ],
      FUSED.subMul,
    ],
    [
      'with something between',
      [
        [OPS.mul, T, 0, 3],
        [OPS.relu, U, 1],
        [OPS.sub, RESULT, U, T],
      ],
      FUSED.subMul,
    ],
    [
      'a temporary that is used anew',
      [
        [OPS.mul, T, 0, 3],
        [OPS.sub, 0, 1, T],
        [OPS.neg, T, 2],
        [OPS.copy, RESULT, T],
      ],
      FUSED.subMul,
    ],
    [
      'a product that is read twice',
      [
        [OPS.mul, T, 0, 3],
        [OPS.sub, RESULT, T, 1],
        [OPS.copy, 0, T],
      ],
    ],
    [
      'a product less itself',
      [
        [OPS.mul, T, 0, 3],
        [OPS.sub, RESULT, T, T],
      ],
    ],
    [
      'operands that change between',
      [
        [OPS.mul, T, 0, 3],
        [OPS.copy, 0, 1],
        [OPS.sub, RESULT, 2, T],
      ],
    ],
    [
      'a product that is a result',
      [
        [OPS.mul, RESULT, 0, 3],
        [OPS.sub, 0, RESULT, 1],
      ],
    ],
    [
      'a gradient by a product',
      [
        [OPS.mul, T, 0, 3],
        [OPS.sigmoidGrad, RESULT, 1, T],
      ],
    ],
    [
      'constants and temporaries',
      [
        [OPS.add, T, 0, CONSTANT],
        [OPS.max, U, T, 3],
        [OPS.mul, T, U, U],
        [OPS.min, 1, T, U],
        [OPS.copy, RESULT, CONSTANT],
      ],
    ],
  ];

  test.each(PROGRAMS)('%s', (_, code, fused) => {
    const program = plain(code, [0.75], 2);
    const cell = cellOf(program);
    const encoded = encode(cell, program, false).code;
    const ops = encoded.filter((_, i) => i % INSTRUCTION === 0);
    expect(ops).toHaveLength(fused === undefined ? code.length : code.length - 1);
    if (fused !== undefined) expect(ops).toContain(fused);
    for (const hidden of SIZES) expectSame(program, hidden);
  });

  test('with more slots than a tile of four rows has room for', () => {
    const count = 300;
    const code = Array.from({ length: count }, (_, i) => [OPS.add, U + i, i ? T + i : 0, CONSTANT]);
    const program = plain([...code, [OPS.copy, RESULT, T + count]], [0.25], count + 2);
    for (const hidden of [3, 130]) expectSame(program, hidden);
  });

  test('with more slots than there is room for are for the reference', () => {
    const { done, found, wanted } = results(plain([[OPS.copy, RESULT, 0]], [], 4000), 8);
    expect(done).toBe(false);
    expect(found.states).not.toEqual(wanted.states);
  });
});

test('a slot is where the interpreter looks for it', () => {
  const program = plain([[OPS.copy, RESULT, 2]]);
  expect(encode(cellOf(program), program, false).code.slice(0, 3)).toEqual([
    ...[OPS.copy, RESULT * SLOT_BYTES, 2 * SLOT_BYTES],
  ]);
});
