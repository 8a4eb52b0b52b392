import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import { ARITY, Expressions, inOrder } from './expression';
import type { Algebra, Expression } from './expression';
import type { CellSpec } from './spec';

/** Of a cell: the names of the numbers that its step reads and makes. */
export interface CellNames {
  readonly spec: CellSpec;
  readonly slots: readonly string[];
  readonly state: readonly string[];
  readonly vectors: readonly string[];
}

/** A step and its gradient as expressions. */
export interface TracedStep {
  readonly m: Expressions;
  readonly z: readonly Expression[];
  readonly s: readonly Expression[];
  readonly v: readonly Expression[];
  readonly next: readonly Expression[];
  /** The gradient of the output that comes from outside of the scan. */
  readonly dy: Expression;
  /** The gradient of the state after, that comes from the step after. */
  readonly d: readonly Expression[];
  /** The vectors' gradients so far. */
  readonly sums: readonly Expression[];
  readonly back: {
    readonly z: readonly Expression[];
    readonly s: readonly Expression[];
    readonly v: readonly Expression[];
  };
}

/** @throws ArgumentError naming what is wrong with the step. */
export function trace({ spec, slots, state, vectors }: CellNames): TracedStep {
  const cell = spec.name;
  const m = new Expressions();
  const leaves = (kind: string, names: readonly string[]) =>
    names.map((name) => m.leaf(`${kind}.${name}`));
  const z = leaves('z', slots);
  const s = leaves('s', state);
  const v = leaves('v', vectors);
  const named = (what: string, names: readonly string[], values: readonly Expression[]) =>
    strict(cell, what, names, values);
  const result: unknown = spec.step(
    strictAlgebra(cell, m),
    named('gate', slots, z),
    named('state', state, s),
    named('vector', vectors, v),
  );
  const next = state.map((name) => {
    const value = (result as Record<string, Expression> | undefined)?.[name];
    if (m.owns(value)) return value;
    if (typeof value === 'number') return m.constant(value);
    throw new ArgumentError(
      `defineCell: the step of ${cell} returns ${name} = ${describeValue(value)}; an object with ` +
        `the new ${state.join(', ')} is needed, made by the operations of m`,
    );
  });
  checkUse(cell, state, result as object, next, [...z, ...v]);
  const dy = m.leaf('dy');
  const d = leaves('d', state);
  const sums = leaves('sum', vectors);
  const seeds = next.map((x, i) => [x, i === 0 ? m.add(d[0], dy) : d[i]] as const);
  const by = m.gradients(seeds, [...z, ...s, ...v]);
  const [K, S] = [z.length, s.length];
  const back = {
    z: by.slice(0, K),
    s: by.slice(K, K + S),
    v: by.slice(K + S).map((x, i) => m.add(sums[i], x)),
  };
  return { m, z, s, v, next, dy, d, sums, back };
}

/**
 * @throws ArgumentError for a result that is no state, which would be lost in silence, and for a gate or
 *   a vector that nothing depends on: its parameters would never learn.
 */
function checkUse(
  cell: string,
  state: readonly string[],
  result: object,
  next: readonly Expression[],
  inputs: readonly Expression[],
): void {
  const lost = Object.keys(result).find((name) => !state.includes(name));
  if (lost !== undefined) {
    throw new ArgumentError(
      `defineCell: the step of ${cell} returns ${lost}, and its state is ${state.join(', ')}; ` +
        `add ${lost} to the state, or leave it out`,
    );
  }
  const used = new Set(inOrder(next));
  const idle = inputs.find((x) => !used.has(x));
  if (idle === undefined) return;
  throw new ArgumentError(
    `defineCell: nothing that the step of ${cell} returns depends on ${idle.name}; use it, or leave it ` +
      'out of the cell. A branch of JavaScript is taken once, when the cell is defined: choose by m.max or m.min',
  );
}

/** What each gate is after its activation, where it has one of its own; else before it. */
export function activationsOf(step: TracedStep): Expression[] {
  const readers = readersOf(step);
  return step.z.map((x) => activationOf(x, readers) ?? x);
}

function readersOf({ next }: TracedStep): Map<Expression, Expression[]> {
  const readers = new Map<Expression, Expression[]>();
  for (const x of inOrder(next)) {
    for (const arg of x.args) readers.set(arg, [...(readers.get(arg) ?? []), x]);
  }
  return readers;
}

/**
 * What each slot holds for the gradient: the activation that its pre-activation goes through, where
 * that tells enough, as it does for sigmoid and tanh; the pre-activation itself elsewhere; undefined
 * where the gradient needs neither.
 */
export function keep(step: TracedStep): (Expression | undefined)[] {
  const kept = activationsOf(step);
  const all = [...step.back.z, ...step.back.s, ...step.back.v];
  for (;;) {
    const known = knownOf(step, kept);
    const needed = new Set(inOrder(all, (x) => known.has(x)));
    const lost = step.z.findIndex((x, i) => kept[i] !== x && needed.has(x));
    if (lost < 0) {
      const held = knownOf(step, []);
      return kept.map((x) => (needed.has(x) && !held.has(x) ? x : undefined));
    }
    kept[lost] = step.z[lost];
  }
}

const ACTIVATIONS = new Set(['sigmoid', 'tanh', 'relu', 'exp']);

/** The activation that x goes through, and through sums alone before; undefined if it goes elsewhere too. */
function activationOf(
  x: Expression,
  readers: ReadonlyMap<Expression, readonly Expression[]>,
): Expression | undefined {
  for (let at = x; ;) {
    const [reader, ...others] = readers.get(at) ?? [];
    if (!reader || others.length > 0) return undefined;
    if (ACTIVATIONS.has(reader.op)) return reader;
    if (!['add', 'sub', 'neg'].includes(reader.op)) return undefined;
    at = reader;
  }
}

/** What the gradient can read, by the slots of its program: kept numbers, the states before and after. */
export function knownOf(
  { z, s, next }: Pick<TracedStep, 'z' | 's' | 'next'>,
  kept: readonly (Expression | undefined)[],
): Map<Expression, number> {
  const [K, S] = [z.length, s.length];
  const known = new Map<Expression, number>();
  const add = (x: Expression | undefined, slot: number): void => {
    if (x && !known.has(x)) known.set(x, slot);
  };
  s.forEach((x, i) => add(x, K + i));
  next.forEach((x, i) => {
    if (x.op !== 'constant') add(x, K + S + i);
  });
  kept.forEach(add);
  return known;
}

/** Values by name; another name is an error that tells those there are. */
function strict<T>(
  cell: string,
  what: string,
  names: readonly string[],
  values: readonly T[],
): Record<string, T> {
  const all = Object.fromEntries(names.map((name, i) => [name, values[i]]));
  return new Proxy(all, {
    get(target, name) {
      if (typeof name === 'string' && Object.hasOwn(target, name)) return target[name];
      throw new ArgumentError(
        `defineCell: the step of ${cell} reads the ${what} ${String(name)}; there ${names.length === 1 ? 'is' : 'are'} ` +
          (names.join(', ') || 'none'),
      );
    },
  });
}

function strictAlgebra(cell: string, m: Expressions): Algebra<Expression> {
  return new Proxy(m, {
    get(target, name) {
      const operation: unknown = Reflect.get(target, name, target);
      if (typeof operation === 'function' && OPERATIONS.has(String(name))) {
        return (...operands: unknown[]): unknown => {
          const needed = ARITY[name as keyof Algebra<unknown>];
          if (operands.length === needed) return operation.apply(target, operands) as unknown;
          throw new ArgumentError(
            `defineCell: the step of ${cell} gives m.${String(name)} ${operands.length} operands; it takes ${needed}`,
          );
        };
      }
      throw new ArgumentError(
        `defineCell: the step of ${cell} calls m.${String(name)}; there are ${[...OPERATIONS].join(', ')}. A step ` +
          'computes with the numbers of one unit: for a product inside of a step, or a norm over units, ' +
          'write a Cell of your own, which is unrolled',
      );
    },
  });
}

const OPERATIONS: ReadonlySet<string> = new Set<keyof Algebra<unknown>>([
  'add',
  'sub',
  'mul',
  'div',
  'max',
  'min',
  'neg',
  'exp',
  'log',
  'sqrt',
  'abs',
  'sigmoid',
  'tanh',
  'relu',
]);
