import { ArgumentError } from '../errors';
import { abs, add, mul, square } from '../ops/pointwise';
import { sum } from '../ops/reduce';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { tensorsOf } from './parameters';
import type { ParameterOwner } from './parameters';

/** At least one of the two is needed. */
export interface PenaltyOptions {
  /** Factor of the sum of absolute values (lasso). */
  l1?: number;
  /** Factor of the sum of squares (ridge). */
  l2?: number;
}

const PENALTY_OPTIONS: OptionNames<PenaltyOptions> = { l1: true, l2: true };

/**
 * l1 sum |w| + l2 sum w^2 over all values of the parameters, to be added to a loss: a scalar. Its
 * gradient is l1 sign(w) + 2 l2 w, so that l2 is half of what an optimiser's `weightDecay` is; but it
 * counts in the norm that is clipped, and an adaptive optimiser rescales it, as it does `weightDecay`
 * unless that is decoupled.
 *
 * @param parameters a module, or tensors: often its weights without the biases.
 * @throws ArgumentError when there are no parameters, neither factor, or one that is no number from 0.
 */
export function penalty(
  parameters: ParameterOwner | Iterable<Tensor>,
  options: PenaltyOptions,
): Tensor {
  checkOptions('penalty', options, PENALTY_OPTIONS);
  const { l1, l2 } = options;
  for (const [name, factor] of Object.entries({ l1, l2 })) {
    if (factor === undefined || (Number.isFinite(factor) && factor >= 0)) continue;
    throw new ArgumentError(
      `penalty: ${name} = ${describeValue(factor)}; a number from 0 is needed`,
    );
  }
  if (l1 === undefined && l2 === undefined) {
    throw new ArgumentError('penalty: give l1, l2, or both');
  }
  const tensors = [...new Set(tensorsOf('penalty', parameters))];
  if (tensors.length === 0) {
    throw new ArgumentError('penalty: parameters is empty; give a module, or its parameters()');
  }
  return scope(() => {
    const terms = [
      ...(l1 === undefined ? [] : [mul(sumOf(tensors, abs), l1)]),
      ...(l2 === undefined ? [] : [mul(sumOf(tensors, square), l2)]),
    ];
    return terms.reduce((a, b) => add(a, b));
  });
}

function sumOf(tensors: readonly Tensor[], f: (x: Tensor) => Tensor): Tensor {
  return tensors.map((x) => sum(f(x))).reduce((a, b) => add(a, b));
}
