import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import type { Tensor } from '../tensor/tensor';
import type { Window } from '../text/streams';

/** A window of text, as `Streams` cuts it. */
export type TextWindow = Pick<Window, 'inputs' | 'targets' | 'seq' | 'batch'>;

/** @throws ArgumentError naming the size that is no integer from 1. */
export function checkWindow(operation: string, { seq, batch }: TextWindow): void {
  for (const [name, value] of Object.entries({ seq, batch })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new ArgumentError(
      `${operation}: ${name} = ${describeValue(value)}; an integer from 1 is needed`,
    );
  }
}

/** @throws ArgumentError naming a tensor that has a gradient. */
export function checkNoGradient(
  operation: string,
  named: Iterable<readonly [string, Tensor]>,
): void {
  for (const [name, { grad }] of named) {
    if (!grad) continue;
    throw new ArgumentError(
      `${operation}: ${name} has a gradient, which would be added to; call zeroGrad() first`,
    );
  }
}
