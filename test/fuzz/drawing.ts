/** What the table of operations draws its arguments from. */
import type { Random } from '../../src/index';
import type { Known } from './clear';
import type { Arg, Input, Made, Name } from './program';

export type Sizes = readonly number[];

export const numel = (shape: Sizes): number => shape.reduce((product, n) => product * n, 1);

/** Sizes of dimensions: none and one are as likely as all others. */
const SMALL = [0, 1, 1, 2, 2, 3, 3, 4, 5, 7];
/** Past the tiles of matrix products and the workgroups of reductions. */
const LARGE = [1, 9, 16, 33, 64, 65, 129];

/** The values of a program under construction, and inputs that are added where none of them fits. */
export class Drawing {
  readonly random: Random;
  readonly known = new Map<string, Known>();
  /** Made for the call that is being drawn. */
  inputs: Input[] = [];
  made: Made[] = [];
  readonly #large: boolean;
  #names = 0;

  constructor(random: Random) {
    this.random = random;
    this.#large = this.chance(0.04);
  }

  int(low: number, high: number): number {
    return low + Math.floor(this.random.uniform() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.random.uniform() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)];
  }

  size(): number {
    return this.pick(this.#large && this.chance(0.6) ? LARGE : SMALL);
  }

  shape(rank = this.pick([0, 1, 1, 2, 2, 2, 3, 3, 4])): number[] {
    const shape = Array.from({ length: rank }, () => this.size());
    const most = this.#large ? 20_000 : 240;
    while (numel(shape) > most) shape[shape.indexOf(Math.max(...shape))] = this.int(1, 3);
    return shape;
  }

  shapeOf({ $ }: Name): Sizes {
    return this.known.get($)!.shape;
  }

  #input(prefix: string, part: Omit<Input, 'name'>): Name {
    const name = `${prefix}${this.#names++}`;
    this.inputs.push({ name, ...part });
    this.known.set(name, { shape: part.shape, dtype: part.dtype, data: part.values });
    return { $: name };
  }

  /** A new input, of normal numbers or of positive ones, rounded so that f32 holds them. */
  fresh(shape: Sizes, kind: 'normal' | 'positive' = 'normal'): Name {
    const { random } = this;
    const draw = kind === 'normal' ? () => random.normal() : () => 0.5 + random.uniform();
    const values = Array.from({ length: numel(shape) }, () => Math.fround(draw()));
    return this.#input('x', { shape, dtype: 'float', values, grad: this.chance(0.85) });
  }

  /** Numbers of 1 and 0, without a gradient. */
  mask(shape: Sizes): Name {
    const values = Array.from({ length: numel(shape) }, () => (this.chance(0.6) ? 1 : 0));
    return this.#input('mask', { shape, dtype: 'float', values, grad: false });
  }

  integers(shape: Sizes, low: number, high: number): Name {
    const values = Array.from({ length: numel(shape) }, () => this.int(low, high));
    return this.#input('ids', { shape, dtype: 'i32', values, grad: false });
  }

  /** A layer or a generator. */
  make(make: string, ...args: Arg[]): Name {
    const name = `m${this.#names++}`;
    this.made.push({ name, make, args, seed: this.random.bits() });
    return { $: name };
  }

  /** A value that fits, most often one that is there. */
  value(fits: (shape: Sizes) => boolean, shape: () => Sizes, kind?: 'normal' | 'positive'): Name {
    const fitting = [...this.known].filter(([, v]) => v.dtype === 'float' && fits(v.shape));
    if (fitting.length > 0 && this.chance(0.75)) return { $: this.pick(fitting)[0] };
    return this.fresh(shape(), kind);
  }

  any(kind?: 'normal' | 'positive'): Name {
    return this.value(
      () => true,
      () => this.shape(),
      kind,
    );
  }

  ofRank(rank: number): Name {
    return this.value(
      (shape) => shape.length === rank,
      () => this.shape(rank),
    );
  }

  /** Of a dimension at least. */
  someDim(): Name {
    return this.value(
      (shape) => shape.length > 0,
      () => this.shape(this.int(1, 3)),
    );
  }

  like(shape: Sizes): Name {
    return this.value(
      (other) => other.join() === shape.join(),
      () => shape,
    );
  }

  /** Of a shape that broadcasts with `shape`. */
  partner(shape: Sizes, kind?: 'normal' | 'positive'): Name {
    const fits = (other: Sizes): boolean =>
      other.every((n, i) => {
        const own = shape[shape.length - other.length + i];
        return own === undefined || own === n || own === 1 || n === 1;
      }) && numel(other) * numel(shape) < 50_000;
    return this.value(fits, () => this.#broadcastTo(shape), kind);
  }

  /** Of a shape that repeats to `shape`. */
  #broadcastTo(shape: Sizes): number[] {
    const other = shape.map((n) => (this.chance(0.3) ? 1 : n));
    return other.slice(this.chance(0.3) ? this.int(0, other.length) : 0);
  }

  repeating(shape: Sizes): Name {
    return this.fresh(this.#broadcastTo(shape));
  }

  maskFor(shape: Sizes): Name {
    return this.mask(this.#broadcastTo(shape));
  }

  /** A dimension, now and then counted from the end. */
  dim(rank: number): number {
    const dim = this.int(0, rank - 1);
    return this.chance(0.3) ? dim - rank : dim;
  }

  shuffled(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.int(0, i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  /** Sizes that add up to n. */
  parts(n: number): number[] {
    const parts: number[] = [];
    let left = n;
    while (left > 0) {
      const part = this.int(0, left);
      parts.push(part);
      left -= part;
    }
    return parts.length > 0 ? parts : [0];
  }

  /** A shape of as many elements. */
  sameSize(n: number): number[] {
    const shape: number[] = [];
    let left = n;
    while (left > 1 && shape.length < 4) {
      const divisors = Array.from({ length: left }, (_, i) => i + 1).filter((d) => left % d === 0);
      const divisor = this.pick(divisors);
      shape.push(divisor);
      left /= divisor;
    }
    if (left !== 1 || this.chance(0.3)) shape.push(left);
    return shape;
  }
}
