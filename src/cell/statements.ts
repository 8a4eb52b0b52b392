import { inOrder } from './expression';
import type { Expression, Operation } from './expression';

type Formula = (...args: readonly string[]) => string;

const FORMULAS: Record<Operation, Formula> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  max: (a, b) => `max(${a}, ${b})`,
  min: (a, b) => `min(${a}, ${b})`,
  neg: (a) => `-${a}`,
  exp: (a) => `exp(${a})`,
  log: (a) => `log(${a})`,
  sqrt: (a) => `sqrt(${a})`,
  abs: (a) => `abs(${a})`,
  sigmoid: (a) => `sigmoid(${a})`,
  tanh: (a) => `stable_tanh(${a})`,
  relu: (a) => `max(${a}, 0.0)`,
  sigmoidGrad: (dy, y) => `${dy} * ${y} * (1.0 - ${y})`,
  tanhGrad: (dy, y) => `${dy} * (1.0 - ${y} * ${y})`,
  reluGrad: (dy, y) => `select(0.0, ${dy}, ${y} > 0.0)`,
  share: (a, b) => `select(select(0.0, 0.5, ${a} == ${b}), 1.0, ${a} > ${b})`,
};

/** Those that read an operand more than once. */
const REPEATS = new Set<Expression['op']>(['sigmoidGrad', 'tanhGrad', 'share']);
const INFIX = new Set<Expression['op']>([
  ...['add', 'sub', 'mul', 'div', 'neg', 'sigmoidGrad', 'tanhGrad'],
] as Operation[]);

/** Statements that make `roots`, and what each of those is then written as. */
export function emit(roots: readonly Expression[], known: ReadonlyMap<Expression, string>) {
  const all = inOrder(roots, (x) => known.has(x));
  const uses = new Map<Expression, number>();
  const use = (x: Expression, count: number): void => {
    uses.set(x, (uses.get(x) ?? 0) + count);
  };
  for (const x of all) {
    if (!known.has(x)) for (const arg of x.args) use(arg, REPEATS.has(x.op) ? 2 : 1);
  }
  for (const root of roots) use(root, 1);
  const written = new Map(known);
  const lines: string[] = [];
  for (const x of all) {
    if (written.has(x)) continue;
    if (x.op === 'constant') {
      const digits = String(x.value);
      written.set(x, /[.e]/.test(digits) ? digits : `${digits}.0`);
      continue;
    }
    if (x.op === 'leaf') throw new Error(`${x.name} is not known here`);
    const operands = x.args.map((arg) => {
      const text = written.get(arg)!;
      return INFIX.has(x.op) && /[ -]/.test(text) && !/^\w+\([^()]*\)$/.test(text)
        ? `(${text})`
        : text;
    });
    const text = FORMULAS[x.op](...operands);
    if ((uses.get(x) ?? 0) < 2) {
      written.set(x, text);
      continue;
    }
    const name = `t${lines.length}`;
    lines.push(`  let ${name} = ${text};`);
    written.set(x, name);
  }
  return { lines, results: roots.map((root) => written.get(root)!) };
}
