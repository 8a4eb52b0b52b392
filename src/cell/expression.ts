import { ArgumentError } from '../errors';
import { describeValue } from '../options';

/**
 * What a cell's step is written in: functions of one unit's numbers. T is what stands for a number: a
 * tensor of all units, where the step is unrolled, or an expression, where it is compiled. An operand
 * may be a plain number.
 */
export interface Algebra<T> {
  /** a + b. */
  add(a: T | number, b: T | number): T;
  /** a - b. */
  sub(a: T | number, b: T | number): T;
  /** a b, by element. */
  mul(a: T | number, b: T | number): T;
  /** a / b, by element. */
  div(a: T | number, b: T | number): T;
  /** The larger; equal ones share the gradient. */
  max(a: T | number, b: T | number): T;
  /** The smaller; equal ones share the gradient. */
  min(a: T | number, b: T | number): T;
  /** -x. */
  neg(x: T): T;
  /** e^x. */
  exp(x: T): T;
  /** The natural logarithm. */
  log(x: T): T;
  /** The square root. */
  sqrt(x: T): T;
  /** |x|; the gradient at 0 is 0. */
  abs(x: T): T;
  /** 1 / (1 + exp(-x)). */
  sigmoid(x: T): T;
  /** tanh x. */
  tanh(x: T): T;
  /** The larger of x and 0; the gradient at 0 is 0. */
  relu(x: T): T;
}

/** What an expression may be, and the number of its operands. */
export const ARITY = {
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  max: 2,
  min: 2,
  neg: 1,
  exp: 1,
  log: 1,
  sqrt: 1,
  abs: 1,
  sigmoid: 1,
  tanh: 1,
  relu: 1,
  /** Of gradients alone. dy y (1 - y), of dy and y = sigmoid(x). */
  sigmoidGrad: 2,
  /** dy (1 - y^2), of dy and y = tanh(x). */
  tanhGrad: 2,
  /** dy where y > 0, else 0, of dy and y = relu(x). */
  reluGrad: 2,
  /** 1 where a > b, 0.5 where they are equal, else 0. */
  share: 2,
} as const;

export type Operation = keyof typeof ARITY;

/** A number of one unit at one step, as a function of others. Equal ones are one object. */
export class Expression {
  readonly op: Operation | 'leaf' | 'constant';
  readonly args: readonly Expression[];
  /** Of a leaf. */
  readonly name: string;
  /** Of a constant. */
  readonly value: number;

  constructor(op: Expression['op'], args: readonly Expression[], name = '', value = 0) {
    this.op = op;
    this.args = args;
    this.name = name;
    this.value = value;
  }

  /** Comparisons and arithmetic of JavaScript end here. */
  [Symbol.toPrimitive](): never {
    throw new ArgumentError(
      "a step used a value in JavaScript's own arithmetic or in a branch; write it with the algebra " +
        'that step gets: m.add(a, b), m.max(x, 0), m.relu(x)',
    );
  }
}

type Operand = Expression | number;

/** The largest of f32, rounded. */
const MAX_FLOAT = '3.4e38';

/** Builds expressions, and their derivatives. */
export class Expressions implements Algebra<Expression> {
  readonly #known = new Map<string, Expression>();
  readonly #ids = new Map<Expression, number>();

  leaf(name: string): Expression {
    return this.#intern('leaf', [], name, 0);
  }

  constant(value: number): Expression {
    if (!Number.isFinite(Math.fround(value))) {
      throw new ArgumentError(
        `a step computes with ${value}; a number of at most ${MAX_FLOAT} is needed, as f32 holds it`,
      );
    }
    return this.#intern('constant', [], '', value);
  }

  add(a: Operand, b: Operand): Expression {
    const [x, y] = [this.#of(a), this.#of(b)];
    if (isConstant(x, 0)) return y;
    if (isConstant(y, 0)) return x;
    return y.op === 'neg' ? this.sub(x, y.args[0]) : this.#make('add', x, y);
  }

  sub(a: Operand, b: Operand): Expression {
    const [x, y] = [this.#of(a), this.#of(b)];
    if (isConstant(y, 0)) return x;
    return isConstant(x, 0) ? this.neg(y) : this.#make('sub', x, y);
  }

  mul(a: Operand, b: Operand): Expression {
    const [x, y] = [this.#of(a), this.#of(b)];
    if (isConstant(x, 0) || isConstant(y, 0)) return this.constant(0);
    if (isConstant(x, 1)) return y;
    if (isConstant(x, -1)) return this.neg(y);
    if (isConstant(y, -1)) return this.neg(x);
    return isConstant(y, 1) ? x : this.#make('mul', x, y);
  }

  div(a: Operand, b: Operand): Expression {
    const [x, y] = [this.#of(a), this.#of(b)];
    return isConstant(y, 1) ? x : this.#make('div', x, y);
  }

  max(a: Operand, b: Operand): Expression {
    return this.#make('max', this.#of(a), this.#of(b));
  }

  min(a: Operand, b: Operand): Expression {
    return this.#make('min', this.#of(a), this.#of(b));
  }

  neg(x: Operand): Expression {
    return this.#make('neg', this.#of(x));
  }

  exp(x: Operand): Expression {
    return this.#make('exp', this.#of(x));
  }

  log(x: Operand): Expression {
    return this.#make('log', this.#of(x));
  }

  sqrt(x: Operand): Expression {
    return this.#make('sqrt', this.#of(x));
  }

  abs(x: Operand): Expression {
    return this.#make('abs', this.#of(x));
  }

  sigmoid(x: Operand): Expression {
    return this.#make('sigmoid', this.#of(x));
  }

  tanh(x: Operand): Expression {
    return this.#make('tanh', this.#of(x));
  }

  relu(x: Operand): Expression {
    return this.#make('relu', this.#of(x));
  }

  /** Gradients of sum(seed output) by each of `by`. */
  gradients(
    outputs: readonly (readonly [output: Expression, seed: Expression])[],
    by: readonly Expression[],
  ): Expression[] {
    const total = new Map<Expression, Expression>();
    const give = (x: Expression, g: Expression): void => {
      const before = total.get(x);
      total.set(x, before ? this.add(before, g) : g);
    };
    for (const [output, seed] of outputs) give(output, seed);
    for (const y of inOrder(outputs.map(([output]) => output)).reverse()) {
      const dy = total.get(y);
      if (!dy) continue;
      for (const [i, g] of this.#back(y, dy).entries()) give(y.args[i], g);
    }
    return by.map((x) => total.get(x) ?? this.constant(0));
  }

  /** The gradients of y's operands, from its own. */
  #back(y: Expression, dy: Expression): Expression[] {
    const [a, b] = y.args;
    switch (y.op) {
      case 'add':
        return [dy, dy];
      case 'sub':
        return [dy, this.neg(dy)];
      case 'mul':
        return [this.mul(dy, b), this.mul(dy, a)];
      case 'div':
        return [this.div(dy, b), this.neg(this.div(this.mul(dy, y), b))];
      case 'max':
        return [this.mul(dy, this.#share(a, b)), this.mul(dy, this.#share(b, a))];
      case 'min':
        return [this.mul(dy, this.#share(b, a)), this.mul(dy, this.#share(a, b))];
      case 'neg':
        return [this.neg(dy)];
      case 'exp':
        return [this.mul(dy, y)];
      case 'log':
        return [this.div(dy, a)];
      case 'sqrt':
        return [this.div(this.mul(dy, 0.5), y)];
      case 'abs':
        // -1, 0 or 1.
        return [this.mul(dy, this.sub(this.mul(2, this.#share(a, this.constant(0))), 1))];
      case 'sigmoid':
        return [this.#make('sigmoidGrad', dy, y)];
      case 'tanh':
        return [this.#make('tanhGrad', dy, y)];
      case 'relu':
        return [this.#make('reluGrad', dy, y)];
      default:
        return [];
    }
  }

  #share(a: Expression, b: Expression): Expression {
    return this.#make('share', a, b);
  }

  /** Whether it was built here. */
  owns(x: unknown): x is Expression {
    return x instanceof Expression && this.#ids.has(x);
  }

  #of(x: Operand): Expression {
    if (typeof x === 'number') return this.constant(x);
    if (this.owns(x)) return x;
    throw new ArgumentError(
      `a step computes with ${describeValue(x)}; an operand is a number, or what the same call of step was ` +
        'given or has made by m: one value for each unit belongs into vectors',
    );
  }

  #make(op: Operation, ...args: Expression[]): Expression {
    return this.#intern(op, args, '', 0);
  }

  #intern(op: Expression['op'], args: Expression[], name: string, value: number): Expression {
    const key = [op, name, value, ...args.map((arg) => this.#ids.get(arg))].join();
    let made = this.#known.get(key);
    if (!made) {
      made = new Expression(op, args, name, value);
      this.#known.set(key, made);
      this.#ids.set(made, this.#ids.size);
    }
    return made;
  }
}

export function isConstant(x: Expression, value: number): boolean {
  return x.op === 'constant' && x.value === value;
}

/** Expressions and all that they are made of, operands first; none below one that is `known`. */
export function inOrder(
  roots: readonly Expression[],
  known: (x: Expression) => boolean = () => false,
): Expression[] {
  const seen = new Set<Expression>();
  const visit = (x: Expression): void => {
    if (seen.has(x)) return;
    if (!known(x)) x.args.forEach(visit);
    seen.add(x);
  };
  roots.forEach(visit);
  return [...seen];
}
