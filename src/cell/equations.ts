import type { CellDefinition } from './definition';
import type { Expression, Operation } from './expression';
import { activationsOf, trace } from './trace';

/** How tightly operations bind; functions the tightest. */
const BINDING: Partial<Record<Expression['op'], number>> = {
  add: 1,
  sub: 1,
  neg: 2,
  mul: 3,
  div: 3,
};
const SIGNS: Partial<Record<Operation, string>> = { add: '+', sub: '-', mul: '*', div: '/' };

/**
 * A cell's equations, to be read: a line for each gate that goes through a function of its own, and one
 * for each part of the new state, which has a prime. W are the rows of weight_ih, U those of weight_hh;
 * * is by element.
 */
export function equationsOf(cell: CellDefinition): string[] {
  const step = trace(cell);
  const { gates, slots, state, vectors, dense } = cell;
  const apart = slots.slice(gates.length);
  const names = new Map<Expression, string>();
  step.s.forEach((x, i) => names.set(x, state[i]));
  step.v.forEach((x, i) => names.set(x, vectors[i]));
  const sums = new Map<Expression, string>();
  gates.forEach((gate, i) => {
    const product = dense && !apart.includes(`h${gate}`) ? ` + U_${gate} ${state[0]}` : '';
    sums.set(step.z[i], `W_${gate} x${product} + b_${gate}`);
  });
  apart.forEach((slot, i) => {
    const gate = slot.slice(1);
    sums.set(step.z[gates.length + i], `U_${gate} ${state[0]} + b_${slot}`);
  });
  const primes = new Map<Expression, string>();
  step.next.forEach((x, i) => {
    if (!primes.has(x) && !names.has(x)) primes.set(x, `${state[i]}'`);
  });
  const write = (x: Expression, above: number, top?: Expression): string => {
    const name = x === top ? undefined : (primes.get(x) ?? names.get(x));
    if (name !== undefined) return name;
    const sum = sums.get(x);
    const binding = sum === undefined ? (BINDING[x.op] ?? 4) : 1;
    const text = sum ?? formula(x, (arg, more) => write(arg, binding + more));
    return binding < above ? `(${text})` : text;
  };
  const lines: string[] = [];
  activationsOf(step).forEach((x, i) => {
    if (i >= gates.length || x === step.z[i] || primes.has(x)) return;
    lines.push(`${gates[i]} = ${write(x, 0, x)}`);
    names.set(x, gates[i]);
  });
  // What others read comes before them.
  const order = state.map((_, i) => i).reverse();
  for (const i of order) {
    const x = step.next[i];
    const own = primes.get(x) === `${state[i]}'` ? x : undefined;
    lines.push(`${state[i]}' = ${write(x, 0, own)}`);
  }
  return lines;
}

/** @param write an operand, and what its signs must bind more tightly than those around it. */
function formula(x: Expression, write: (x: Expression, more: number) => string): string {
  const [a, b] = x.args;
  if (x.op === 'constant') return String(x.value);
  if (x.op === 'leaf') return x.name;
  if (x.op === 'neg') return `-${write(a, 1)}`;
  const sign = SIGNS[x.op];
  if (sign === undefined) return `${x.op}(${x.args.map((arg) => bare(arg, write)).join(', ')})`;
  const ordered = x.op === 'sub' || x.op === 'div';
  return `${write(a, 0)} ${sign} ${write(b, ordered ? 1 : 0)}`;
}

/** An operand of a function needs no brackets. */
function bare(x: Expression, write: (x: Expression, more: number) => string): string {
  return write(x, -9);
}
