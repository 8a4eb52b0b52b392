import { CheckpointError } from '../errors';
import { formatShape, sameShape } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';

/** Everything that a rule works on: all parameters, one behind the other. */
export interface Flat {
  /** Their values. */
  readonly param: Tensor;
  /** Their gradients, as `backward` left them; the clock has the factor of clipping. */
  readonly grad: Tensor;
  /** In the order of `slotNames`. */
  readonly state: readonly Tensor[];
  /** Learning rate, steps taken and skipped, the norm: what changes from step to step. */
  readonly clock: Tensor;
}

/** The part of it that has gradients. */
export interface Range {
  /** Its first element. */
  offset: number;
  /** Its elements. */
  n: number;
}

/** Values of an optimiser's state by name. */
export type OptimizerState = Map<string, StateData>;

/** A part of an optimiser's state for one parameter, in row-major order. */
export interface StateData {
  /** That of the parameter, or of the clock. */
  shape: Shape;
  /** The elements. */
  data: ArrayLike<number>;
}

/**
 * What an optimiser's state has for each parameter, in the order of `slotNames`; nothing for one that it
 * does not know.
 *
 * @throws CheckpointError naming what does not belong to these parameters.
 */
export function slotValues(
  owner: string,
  state: OptimizerState,
  parameters: ReadonlyMap<string, Tensor>,
  slotNames: readonly string[],
): Map<string, ArrayLike<number>[]> {
  const values = new Map<string, ArrayLike<number>[]>();
  let used = 1;
  for (const [name, parameter] of parameters) {
    const slots = slotNames.map((slotName) => state.get(`${slotName}.${name}`));
    const found = slots.filter((slot) => slot !== undefined);
    // What is not there starts afresh.
    if (found.length === 0) continue;
    for (const [i, slotName] of slotNames.entries()) {
      const slot = slots[i];
      const fits =
        slot && sameShape(slot.shape, parameter.shape) && slot.data.length === parameter.size;
      if (fits) continue;
      throw new CheckpointError(
        `optimizer.loadStateDict: ${slotName}.${name} is ` +
          `${slot ? formatShape(slot.shape) : 'missing'}; ${formatShape(parameter.shape)} is needed`,
      );
    }
    values.set(
      name,
      found.map(({ data }) => data),
    );
    used += found.length;
  }
  if (used !== state.size) {
    const known = new Set(
      [...values.keys()].flatMap((name) => slotNames.map((slot) => `${slot}.${name}`)),
    );
    const strangers = [...state.keys()].filter((key) => key !== 'clock' && !known.has(key));
    throw new CheckpointError(
      `optimizer.loadStateDict: ${strangers.join(', ')} belong to no parameter of ` + owner,
    );
  }
  return values;
}
