import { record } from '../autograd/graph';
import { ShapeError } from '../errors';
import { ACTIVATIONS, matmul as matmulKernel } from '../kernels/matmul';
import { matmulParams } from '../kernels/matmul_params';
import { UNARY, unaryGradient } from '../kernels/unary';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import { scope } from '../tensor/scope';
import { broadcastShapes, formatShape, numel, sameShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { checkFloats, checkNonlinearity, checkShapeIs, emptyLike, run } from './common';
import type { Nonlinearity } from './common';
import { expand } from './axes';
import { reshape } from './movement';
import { sumTo } from './sum_to';

/** What `matmul` takes. */
export interface MatmulOptions {
  /** Exchanges the last two dimensions of the first operand before the product, at no cost; false when left out. */
  transposeA?: boolean;
  /** The same of the second operand; false when left out. */
  transposeB?: boolean;
}

const MATMUL_OPTIONS: OptionNames<MatmulOptions> = { transposeA: 'boolean', transposeB: 'boolean' };

/**
 * The matrix product over the last two dimensions; those before broadcast. A vector counts as a
 * row on the left, as a column on the right, and is gone from the result, as in PyTorch.
 *
 * @throws ShapeError when the inner sizes differ, or the batch dimensions do not broadcast.
 * @example
 * ```ts
 * import { matmul, openDevice, tensor } from 'lethe';
 *
 * const device = await openDevice('cpu');
 * const a = tensor(device, [1, 2, 3, 4], [2, 2]);
 * const b = tensor(device, [1, 1], [2, 1]);
 * console.log(await matmul(a, b).data()); // Float32Array(2) [ 3, 7 ]
 * ```
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  checkFloats('matmul', { a, b });
  checkOptions('matmul', options, MATMUL_OPTIONS);
  if (a.shape.length === 0 || b.shape.length === 0) {
    throw new ShapeError(
      `matmul: a has shape ${formatShape(a.shape)}, b ${formatShape(b.shape)}; a scalar is no matrix`,
    );
  }
  return scope(() => {
    if (a.shape.length === 1) {
      const row = matmul(reshape(a, [1, -1]), b, { transposeB: options.transposeB });
      return reshape(row, row.shape.toSpliced(b.shape.length === 1 ? 0 : -2, 1));
    }
    if (b.shape.length === 1) {
      const column = matmul(a, reshape(b, [-1, 1]), { transposeA: options.transposeA });
      return reshape(column, column.shape.slice(0, -1));
    }
    return matrices(a, b, options);
  });
}

function matrices(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: MatmulOptions,
): Tensor {
  const [rows, k] = transposeA ? lastTwo(a).reverse() : lastTwo(a);
  const [k2, n] = transposeB ? lastTwo(b).reverse() : lastTwo(b);
  if (k !== k2) {
    throw new ShapeError(
      `matmul: a ${formatShape(a.shape)}${transposeA ? ' transposed' : ''} has inner size ${k}, ` +
        `b ${formatShape(b.shape)}${transposeB ? ' transposed' : ''} has ${k2}`,
    );
  }
  if (b.shape.length === 2 && a.shape.length > 2 && !transposeA) {
    // The batch joins the rows: one large product instead of many small ones.
    const joined = reshape(a, [numel(a.shape.slice(0, -2)) * rows, k]);
    return reshape(matrices(joined, b, { transposeB }), [...a.shape.slice(0, -1), n]);
  }
  const batch = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  return batched(toBatch(a, batch), toBatch(b, batch), batch, transposeA, transposeB);
}

function lastTwo(x: Tensor): number[] {
  return x.shape.slice(-2);
}

/** x with batch dimensions that the kernel has strides for: all of `batch`, or none. */
function toBatch(x: Tensor, batch: readonly number[]): Tensor {
  const own = x.shape.slice(0, -2);
  if (numel(own) === 1) return reshape(x, lastTwo(x));
  return sameShape(own, batch) ? x : expand(x, [...batch, ...lastTwo(x)]);
}

function batched(
  a: Tensor,
  b: Tensor,
  batch: readonly number[],
  transposeA: boolean,
  transposeB: boolean,
): Tensor {
  const out = product(a, b, batch, transposeA, transposeB);
  record({
    name: 'matmul',
    inputs: [a, b],
    outputs: [out],
    savedForBackward: [a, b],
    vjp([gradient]) {
      const g = gradient!;
      // With C = A B: dA = g B^T and dB = A^T g, turned to how each operand is stored.
      const da = () =>
        transposeA
          ? product(b, g, batch, transposeB, true)
          : product(g, b, batch, false, !transposeB);
      const db = () =>
        transposeB
          ? product(g, a, batch, true, transposeA)
          : product(a, g, batch, !transposeA, false);
      return [
        a.requiresGrad ? sumTo(da(), a.shape) : undefined,
        b.requiresGrad ? sumTo(db(), b.shape) : undefined,
      ];
    },
  });
  return out;
}

interface ProductOptions {
  bias?: Tensor;
  activation?: Nonlinearity;
  /** Takes the result; made here, when left out. */
  out?: Tensor;
  /** Where in `out` the result begins, and how far apart its rows are; 0 and n, when left out. */
  offsetOut?: number;
  rowOut?: number;
}

/** The kernel's call, outside any graph: operands of shape `batch` + matrix, or a matrix for all. */
export function product(
  a: Tensor,
  b: Tensor,
  batch: readonly number[],
  transposeA: boolean,
  transposeB: boolean,
  { bias, activation, out: given, offsetOut = 0, rowOut }: ProductOptions = {},
): Tensor {
  const [rowsA, columnsA] = lastTwo(a);
  const [rowsB, columnsB] = lastTwo(b);
  const m = transposeA ? columnsA : rowsA;
  const k = transposeA ? rowsA : columnsA;
  const n = transposeB ? rowsB : columnsB;
  const out = given ?? emptyLike(a, [...batch, m, n]);
  run(
    matmulKernel,
    { a, b, bias: bias ?? a, out },
    matmulParams({
      has_bias: bias ? 1 : 0,
      activation: ACTIVATIONS.indexOf(activation),
      m,
      n,
      k,
      batches: numel(batch),
      offset_out: offsetOut,
      row_out: rowOut ?? n,
      row_a: transposeA ? 1 : columnsA,
      column_a: transposeA ? columnsA : 1,
      row_b: transposeB ? 1 : columnsB,
      column_b: transposeB ? columnsB : 1,
      batch_a: a.shape.length > 2 ? rowsA * columnsA : 0,
      batch_b: b.shape.length > 2 ? rowsB * columnsB : 0,
    }),
  );
  return out;
}

/**
 * x W^T + b, or f(x W^T + b) with an activation f (tanh, relu or sigmoid), by one kernel: x of
 * [..., in], weight of [out, in], bias of [out]; the result is [..., out].
 *
 * @param options.activation f; none when left out.
 * @throws ShapeError naming the argument whose shape does not fit.
 * @throws ArgumentError for an activation that is none of the three.
 */
export function linear(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: { activation?: Nonlinearity } = {},
): Tensor {
  checkOptions('linear', options, { activation: true });
  const { activation } = options;
  if (activation !== undefined) checkNonlinearity('linear', 'activation', activation);
  checkFloats('linear', bias ? { x, weight, bias } : { x, weight });
  const [outputs, inputs] = weight.shape;
  if (weight.shape.length !== 2 || x.shape.length === 0 || x.shape.at(-1) !== inputs) {
    throw new ShapeError(
      `linear: x has shape ${formatShape(x.shape)}, weight ${formatShape(weight.shape)}; ` +
        'x [..., in] and weight [out, in] are needed',
    );
  }
  if (bias) checkShapeIs('linear', 'bias', bias, [outputs]);
  return scope(() => {
    const rows = reshape(x, [numel(x.shape.slice(0, -1)), inputs]);
    const out = product(rows, weight, [], false, true, { bias, activation });
    record({
      name: 'linear',
      inputs: bias ? [rows, weight, bias] : [rows, weight],
      outputs: [out],
      savedForBackward: activation ? [rows, weight, out] : [rows, weight],
      vjp([gradient]) {
        const g = activation ? beforeActivation(activation, out, gradient!) : gradient!;
        return [
          rows.requiresGrad ? product(g, weight, [], false, false) : undefined,
          weight.requiresGrad ? product(g, rows, [], true, false) : undefined,
          bias?.requiresGrad ? sumTo(g, bias.shape) : undefined,
        ];
      },
    });
    return reshape(out, [...x.shape.slice(0, -1), outputs]);
  });
}

/** dz = dy f'(z), where y = f(z) tells f', and has the sign of z. */
function beforeActivation(f: Nonlinearity, y: Tensor, dy: Tensor): Tensor {
  const dz = emptyLike(y);
  run(unaryGradient, { x: y, y, g: dy, dx: dz }, { op: UNARY[f].code, n: y.size });
  return dz;
}
