/** Rows of the kernels that give a thread to each element. */
import type { ParamValues } from '../../../src/backend/kernel';
import { axpy } from '../../../src/kernels/axpy';
import { BINARY, binary, binaryGradient } from '../../../src/kernels/binary';
import { clipValue } from '../../../src/kernels/clip_value';
import { dropout } from '../../../src/kernels/dropout';
import { fill } from '../../../src/kernels/fill';
import { scaleBy } from '../../../src/kernels/scale_by';
import { UNARY, unary, unaryGradient } from '../../../src/kernels/unary';
import { where } from '../../../src/kernels/where';
import { SIZES, cross, each, size, strided, extent } from './cases';
import { CURVED, EXACT, numbers, ROUNDED, row, TRIGONOMETRIC } from './harness';
import type { Row } from './harness';

/** Shapes of up to eight dimensions, each with three operands to broadcast to it. */
const BROADCASTS = [
  [[], [], [], []],
  ...SIZES.map((n) => [[n], [n], [n], [n]]),
  [[65], [1], [65], [65]],
  [
    [3, 5],
    [3, 1],
    [1, 5],
    [3, 5],
  ],
  [
    [2, 63, 3],
    [2, 1, 3],
    [1, 63, 1],
    [1, 1, 3],
  ],
  [
    [3, 2, 5, 7],
    [3, 2, 5, 7],
    [1, 2, 1, 7],
    [3, 1, 5, 1],
  ],
  [
    [2, 3, 2, 5, 3],
    [1, 3, 1, 5, 1],
    [2, 1, 2, 1, 3],
    [2, 3, 2, 5, 3],
  ],
  [
    [2, 3, 1, 2, 2, 3, 2, 3],
    [2, 3, 1, 2, 2, 3, 2, 3],
    [1, 3, 1, 1, 2, 1, 2, 1],
    [2, 1, 1, 2, 1, 3, 1, 3],
  ],
] as const satisfies readonly (readonly (readonly number[])[])[];

/** The cases of `binary`: each function on one shape, and one function on every shape. */
const BINARY_CASES = [
  ...cross(
    Object.values(BINARY).map(({ code }) => ({ op: code, shapes: BROADCASTS[7] })),
    each('use_scalar', [0, 1]),
  ),
  ...BROADCASTS.map((shapes) => ({ op: BINARY.sub.code, use_scalar: 0, shapes })),
].map(({ op, use_scalar, shapes: [shape, a, b] }) => {
  const { strides, ...common } = strided(shape, a, b);
  const [stride_a, stride_b] = strides;
  const sizes = { a: size(a), b: use_scalar ? 1 : size(b) };
  return { ...common, op, use_scalar, stride_a, stride_b, scalar: 1.5, sizes };
});

/** Operands with ties and without zeros; a power's base is positive. */
function operands(op: number, sizes: { a: number; b: number }) {
  const lowest = op === BINARY.pow.code ? 0.5 : -2;
  const ofSize = (n: number): Float32Array =>
    numbers(n, lowest, 2, 0.5).map((value) => value || 0.25);
  return { a: ofSize(sizes.a), b: ofSize(sizes.b + 3).subarray(3) };
}

const POSITIVE = new Set<number>([UNARY.log.code, UNARY.sqrt.code, UNARY.reciprocal.code]);

const WAVES = cross(each('n', [0, 130]), each('op', [UNARY.sin.code, UNARY.cos.code]));

const UNARY_CASES = [
  ...Object.values(UNARY)
    .filter(({ code }) => !WAVES.some(({ op }) => op === code))
    .map(({ code }) => ({ n: 130, op: code })),
  ...cross(each('n', SIZES), each('op', [UNARY.square.code])),
];

/** Arguments that a function of one argument takes. */
const argument = (n: number, op: number): Float32Array =>
  POSITIVE.has(op) ? numbers(n, 0.1, 5) : numbers(n, -5, 5);

function sizesOf(p: (typeof BINARY_CASES)[number] | ParamValues<typeof binary.params>) {
  return { a: extent(p, p.stride_a), b: p.use_scalar ? 1 : extent(p, p.stride_b) };
}

export const ELEMENTWISE: readonly Row[] = [
  row(fill, EXACT, cross(each('n', SIZES), [{ value: 0.1 }]), ({ n }) => ({ out: n })),
  row(axpy, ROUNDED, cross(each('n', SIZES), [{ alpha: -0.3 }]), ({ n }) => ({ x: n, y: n })),
  row(scaleBy, ROUNDED, each('n', SIZES), ({ n }) => ({ scale: 1, x: n })),
  row(clipValue, EXACT, cross(each('n', SIZES), [{ limit: 0.25 }]), ({ n }) => ({ x: n })),
  row(unary, TRIGONOMETRIC, WAVES, ({ n }) => ({ x: numbers(n, -3.14, 3.14), y: n })),
  row(unaryGradient, TRIGONOMETRIC, WAVES, ({ n }) => ({
    x: numbers(n, -3.14, 3.14),
    ...{ y: n, g: n, dx: n },
  })),
  row(unary, CURVED, UNARY_CASES, ({ n, op }) => ({ x: argument(n, op), y: n })),
  row(unaryGradient, CURVED, UNARY_CASES, ({ n, op }) => ({
    x: argument(n, op),
    y: numbers(n, 0.2, 2),
    g: n,
    dx: n,
  })),
  row(binary, CURVED, BINARY_CASES, (p) => ({ ...operands(p.op, sizesOf(p)), out: p.n })),
  row(binaryGradient, CURVED, cross(BINARY_CASES, each('second', [0, 1])), (p) => ({
    ...operands(p.op, sizesOf(p)),
    g: p.n,
    out: p.n,
  })),
  row(
    where,
    EXACT,
    BROADCASTS.map(([shape, condition, a, b]) => {
      const { strides, ...common } = strided(shape, condition, a, b);
      const [stride_condition, stride_a, stride_b] = strides;
      return { ...common, stride_condition, stride_a, stride_b };
    }),
    (p) => ({
      condition: numbers(extent(p, p.stride_condition), -1, 2, 1),
      a: extent(p, p.stride_a),
      b: extent(p, p.stride_b),
      out: p.n,
    }),
  ),
  row(
    dropout,
    ROUNDED,
    cross(cross(each('n', SIZES), each('p', [0, 0.1, 0.5])), [
      { call: 7, scale: Math.fround(1.25) },
    ]),
    ({ n }) => ({
      x: n,
      generator: Uint32Array.of(0xdeadbeef, 0xffffffff, 0x80000001, 5),
      ...{ mask: n, y: n },
    }),
  ),
];
