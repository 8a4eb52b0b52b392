import { ArgumentError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { Algebra } from './expression';

/**
 * How a parameter with one number for each unit starts: a number, a range to draw from evenly, or
 * 'uniform', within 1 / sqrt(hidden).
 */
export type VectorInit = number | readonly [low: number, high: number] | 'uniform';

/** What a step reads or gives, by name. */
export type CellValues<Name extends string, T> = Readonly<Record<Name, T>>;

/**
 * A recurrent cell: what one unit does in one step. The matrix products before it are the engine's: of
 * the input by `weight_ih`, [gates hidden, input], and of the output before by `weight_hh`,
 * [gates hidden, hidden], each with a bias.
 */
export interface CellSpec<
  Gate extends string = string,
  Apart extends Gate = Gate,
  State extends string = string,
  Vector extends string = string,
> {
  /** Names the cell in kernels, timings and errors. */
  readonly name: string;
  /** Blocks of rows of the weights, in their order. */
  readonly gates: readonly Gate[];
  /**
   * Gates that see their two products apart: `z.n` that of the input, `z.hn` that of the output before,
   * each with its bias. Of the others `z` has the sum.
   */
  readonly apart?: readonly Apart[];
  /** Numbers that a unit carries from step to step, the output first. */
  readonly state: readonly State[];
  /** Parameters with one number for each unit, and how they start. */
  readonly vectors?: Readonly<Record<Vector, VectorInit>>;
  /** 'none': no `weight_hh`; a unit sees of the step before its own state alone. */
  readonly recurrence?: 'dense' | 'none';
  /** Gates whose bias starts at a number: bias_ih takes it, bias_hh is 0 there. */
  readonly biases?: Readonly<Partial<Record<Gate, number>>>;
  /**
   * The new state.
   *
   * @param m the operations; there are no others.
   * @param z what the gates get from the products.
   * @param s the state before.
   * @param v the vectors.
   */
  step<T>(
    m: Algebra<T>,
    z: CellValues<Gate | `h${Apart}`, T>,
    s: CellValues<State, T>,
    v: CellValues<Vector, T>,
  ): CellValues<State, T>;
}

const SPEC_NAMES = {
  name: true,
  gates: true,
  apart: true,
  state: true,
  vectors: true,
  recurrence: true,
  biases: true,
  step: true,
} as const;

/** What a parameter's and a shader's variable may be called. */
const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

/** @throws ArgumentError naming what is wrong with all but the step. */
export function checkSpec(spec: CellSpec): void {
  checkOptions('defineCell', spec, SPEC_NAMES);
  const { name, gates, apart = [], state, vectors = {}, recurrence = 'dense', biases = {} } = spec;
  const fail = (what: string): never => {
    throw new ArgumentError(`defineCell: ${what}`);
  };
  if (typeof name !== 'string' || !NAME.test(name.replaceAll('-', '_'))) {
    fail(`name = ${describeValue(name)}; letters, digits, _ and - are allowed, a letter first`);
  }
  for (const [what, names] of Object.entries({
    gates,
    apart,
    state,
    vectors: Object.keys(vectors),
  })) {
    if (!Array.isArray(names))
      fail(`${what} = ${describeValue(names)} of ${name}; a list of names is needed`);
    if (new Set(names).size < names.length)
      fail(`${what} of ${name} has a name twice: ${names.join(', ')}`);
    for (const each of names as unknown[]) {
      if (typeof each === 'string' && NAME.test(each)) continue;
      fail(
        `${what} of ${name} has ${describeValue(each)}; letters, digits and _ are allowed, a letter first`,
      );
    }
  }
  if (gates.length === 0)
    fail(`${name} has no gate; name the blocks of rows of its weights: gates: ['h']`);
  if (state.length === 0)
    fail(`${name} has no state; name what a unit carries, the output first: state: ['h']`);
  if (recurrence !== 'dense' && recurrence !== 'none') {
    fail(`recurrence = ${describeValue(recurrence)} of ${name}; choose 'dense' or 'none'`);
  }
  if (recurrence === 'none' && apart.length > 0) {
    fail(
      `${name} has recurrence 'none' and ${apart.join(', ')} apart; without a recurrent product there is nothing apart`,
    );
  }
  const unknown = [...apart, ...Object.keys(biases)].find((gate) => !gates.includes(gate));
  if (unknown !== undefined)
    fail(`${unknown} is no gate of ${name}; its gates are ${gates.join(', ')}`);
  const taken = apart.find((gate) => gates.includes(`h${gate}`));
  if (taken !== undefined)
    fail(`${name} has a gate h${taken}, which is what ${taken} apart is called; rename it`);
  const reserved = Object.keys(vectors).find((vector) => PARAMETERS.has(vector));
  if (reserved !== undefined)
    fail(`${name} has a vector ${reserved}, which is a parameter already; rename it`);
  checkStarts('defineCell', spec);
  const { step } = spec as { step: unknown };
  if (typeof step !== 'function') {
    fail(`step = ${describeValue(step)} of ${name}; a function is needed`);
  }
}

/** @throws ArgumentError for a start of a vector or of a bias that is none, which would make NaN. */
export function checkStarts(
  owner: string,
  { vectors = {}, biases = {} }: Pick<CellSpec, 'vectors' | 'biases'>,
): void {
  for (const [name, start] of Object.entries<unknown>(vectors)) {
    const range = Array.isArray(start) && start.length === 2 ? (start as unknown[]) : [start];
    const finite = range.every((bound) => Number.isFinite(bound));
    if (start === 'uniform' || (finite && Number(range[0]) <= Number(range.at(-1)))) continue;
    throw new ArgumentError(
      `${owner}: the vector ${name} starts at ${describeValue(start)}; a finite number, [low, high] ` +
        "or 'uniform' is needed",
    );
  }
  for (const [gate, start] of Object.entries<unknown>(biases)) {
    if (start === undefined || Number.isFinite(start)) continue;
    throw new ArgumentError(
      `${owner}: the bias of ${gate} starts at ${describeValue(start)}; a finite number is needed`,
    );
  }
}

const PARAMETERS = new Set(['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh', 'weight_hr']);
