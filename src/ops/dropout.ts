import { record } from '../autograd/graph';
import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import { dropout as dropoutKernel } from '../kernels/dropout';
import type { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import { checkDevices, checkFloats, emptyLike, run } from './common';
import { mul } from './pointwise';

/**
 * x with each element dropped (set to 0) with probability p, the others scaled by 1 / (1 - p).
 * The mask comes from the generator: the same seed, step and call give the same mask everywhere.
 *
 * @throws ArgumentError unless p lies in [0, 1].
 */
export function dropout(x: Tensor, p: number, generator: Generator): Tensor {
  checkProbability('dropout', p);
  checkFloats('dropout', { x });
  checkDevices('dropout', { x, generator: generator.state });
  // At p = 1 nothing is kept, and the scale is not used.
  const scale = p === 1 ? 0 : 1 / (1 - p);
  const mask = emptyLike(x);
  const y = emptyLike(x);
  run(
    dropoutKernel,
    { x, generator: generator.state, mask, y },
    { n: x.size, call: generator.nextCall(), p, scale },
  );
  record({
    name: 'dropout',
    inputs: [x],
    outputs: [y],
    intermediates: [mask],
    vjp: ([g]) => [mul(g!, mask)],
  });
  return y;
}

/** Throws ArgumentError unless p lies in [0, 1]. */
export function checkProbability(name: string, p: number): void {
  if (p >= 0 && p <= 1) return;
  throw new ArgumentError(
    `${name}: p = ${describeValue(p)} is no probability; give a number from 0 to 1`,
  );
}
