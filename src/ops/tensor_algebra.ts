import type { Algebra } from '../cell/expression';
import { ArgumentError } from '../errors';
import type { Tensor } from '../tensor/tensor';
import {
  abs,
  add,
  div,
  exp,
  log,
  maximum,
  minimum,
  mul,
  neg,
  reciprocal,
  relu,
  sigmoid,
  sqrt,
  sub,
  tanh,
} from './pointwise';

type Operand = Tensor | number;

/** An operation that may exchange its operands. */
const either =
  (f: (a: Tensor, b: Operand) => Tensor) =>
  (a: Operand, b: Operand): Tensor =>
    typeof a === 'number' ? f(checked(b), a) : f(a, b);

function checked(x: Operand): Tensor {
  if (typeof x !== 'number') return x;
  throw new ArgumentError('a step computes with two plain numbers; do that in JavaScript');
}

/**
 * A cell's step over tensors of all units, [batch, hidden]: operations of the graph, which
 * differentiates them one by one.
 */
export const tensorAlgebra: Algebra<Tensor> = {
  ...{ add: either(add), mul: either(mul), max: either(maximum), min: either(minimum) },
  sub: (a, b) => (typeof a === 'number' ? add(neg(checked(b)), a) : sub(a, b)),
  div: (a, b) => (typeof a === 'number' ? mul(reciprocal(checked(b)), a) : div(a, b)),
  ...{ neg, exp, log, sqrt, abs, sigmoid, tanh, relu },
};
