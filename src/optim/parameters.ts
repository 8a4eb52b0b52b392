import { ArgumentError } from '../errors';
import { describeValue, isIterable } from '../options';
import { Tensor } from '../tensor/tensor';

/** Parameters by name, as `module.namedParameters()` gives them. */
export type NamedParameters = Iterable<readonly [string, Tensor]>;

/** A module, or anything else that names its parameters. */
export interface ParameterOwner {
  /** Pairs of a name, as in `state_dict`, and a parameter. */
  namedParameters(): NamedParameters;
}

/** What an optimiser updates: a module, or parameters with their names. */
export type Parameters = ParameterOwner | NamedParameters;

/**
 * The parameters with their names.
 *
 * @throws ArgumentError for what is neither a module nor pairs of a name and a tensor.
 */
export function namedParameters(operation: string, parameters: Parameters): [string, Tensor][] {
  const remedy = 'give a module, or its namedParameters()';
  const given: Iterable<unknown> = isOwner(parameters) ? parameters.namedParameters() : parameters;
  if (!isIterable(given)) {
    throw new ArgumentError(`${operation}: parameters = ${describeValue(given)}; ${remedy}`);
  }
  return Array.from(given, (entry, i) => {
    if (Array.isArray(entry) && typeof entry[0] === 'string' && entry[1] instanceof Tensor) {
      return [entry[0], entry[1]];
    }
    throw new ArgumentError(
      `${operation}: parameter ${i} is ${describeValue(entry)}, and no [name, tensor]; ${remedy}`,
    );
  });
}

/**
 * The parameters without their names.
 *
 * @throws ArgumentError for what is neither a module nor tensors.
 */
export function tensorsOf(
  operation: string,
  parameters: ParameterOwner | Iterable<Tensor>,
): Tensor[] {
  if (isOwner(parameters)) return namedParameters(operation, parameters).map(([, value]) => value);
  const remedy = 'give a module, or its parameters()';
  if (!isIterable(parameters)) {
    throw new ArgumentError(`${operation}: parameters = ${describeValue(parameters)}; ${remedy}`);
  }
  return Array.from(parameters, (value: unknown, i) => {
    if (value instanceof Tensor) return value;
    throw new ArgumentError(
      `${operation}: parameter ${i} is ${describeValue(value)}, and no tensor; ${remedy}`,
    );
  });
}

/**
 * The parameters that learn, by name; one that two modules share is taken once. What is frozen is left out: it would
 * take memory and time at every step, and stay as it is.
 *
 * @throws ArgumentError when two parameters have one name, when none learns, or as `namedParameters`.
 */
export function byName(owner: string, parameters: Parameters): Map<string, Tensor> {
  const named = new Map<string, Tensor>();
  const seen = new Set<Tensor>();
  for (const [name, parameter] of namedParameters(owner, parameters)) {
    if (seen.has(parameter)) continue;
    seen.add(parameter);
    // One of integers never learns: it is refused, not frozen.
    if (!parameter.requiresGrad && /^f/.test(parameter.dtype)) continue;
    if (named.has(name)) {
      throw new ArgumentError(
        `${owner}: two parameters are named ${name}; ` +
          "give each module a prefix: module.namedParameters('encoder.')",
      );
    }
    named.set(name, parameter);
  }
  if (named.size > 0) return named;
  throw new ArgumentError(
    seen.size === 0
      ? `${owner}: the list of parameters is empty`
      : `${owner}: no parameter has requiresGrad: all are frozen, and there is nothing to learn`,
  );
}

/** Throws ArgumentError for two tensors that see one memory: each would be updated, and one update lost. */
export function checkApart(owner: string, parameters: ReadonlyMap<string, Tensor>): void {
  const names = new Map<object, string>();
  for (const [name, { storage }] of parameters) {
    const other = names.get(storage);
    if (other !== undefined) {
      throw new ArgumentError(
        `${owner}: ${other} and ${name} share one memory, as reshape() and detach() give it; give one of them`,
      );
    }
    names.set(storage, name);
  }
}

/** Throws OutOfMemoryError unless all parameters fit into one buffer: a step works on them as one tensor. */
export function checkFits(owner: string, { device, dtype }: Tensor, size: number): void {
  device.checkFits(
    `${owner}: ${size} parameters: one tensor of all, which a step takes,`,
    [size],
    dtype,
  );
}

function isOwner(value: unknown): value is ParameterOwner {
  return (
    typeof value === 'object' &&
    value !== null &&
    'namedParameters' in value &&
    typeof value.namedParameters === 'function'
  );
}
