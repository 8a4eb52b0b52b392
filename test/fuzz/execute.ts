/** Runs a program on a device. */
import { backward, detach, Generator, Random, scope, tensor } from '../../src/index';
import type { Device, DType, Tensor } from '../../src/index';
import { CELLS, GRU, LSTM, Recurrent, RNN } from '../../src/nn/index';
import type { CellName, Module } from '../../src/nn/index';
import * as ops from '../../src/ops/index';
import { disown } from '../../src/tensor/scope';
import { isName, namesIn } from './program';
import type { Arg, Call, Input, Made, Program } from './program';

export type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Where and how a program runs. */
export interface Target {
  readonly name: string;
  readonly device: Device;
  readonly dtype: DType;
  /** Take the place of operations: what is wrong with them is to be found. */
  readonly planted?: Functions;
}

/** A number for a value: `v12` or `v12[3]`. */
function placeOf(name: string): number {
  return (name.match(/\d+/g) ?? []).reduce((sum, digits) => sum + Number(digits), 0);
}

/** What a call may name, for tensors of a dtype. */
function functionsOf({ dtype, planted }: Pick<Target, 'dtype' | 'planted'>): Functions {
  return {
    ...ops,
    detach,
    second: (_: Tensor, x: Tensor) => x,
    oneHot: (ids: Tensor, size: number) => ops.oneHot(ids, size, dtype),
    sequenceMask: (lengths: Tensor, time: number) => ops.sequenceMask(lengths, time, dtype),
    run: (layer: LSTM, x: Tensor, state?: readonly Tensor[], options?: object) => {
      const { output, state: last } = layer.run(x, state, options);
      return [output, ...last];
    },
    ...planted,
  };
}

type Value = Tensor | Module | Generator;

/** The inputs and layers of a program on a device, and what else a run of it needs. */
export class Environment {
  readonly device: Device;
  readonly dtype: DType;
  readonly values = new Map<string, Value>();
  /** Tensors that take a gradient: inputs, and parameters as `m0.weight_ih_l0`. */
  readonly leaves = new Map<string, Tensor>();
  /** Directions in which roots are weighted, by size and place. */
  readonly #weights = new Map<string, Tensor>();
  readonly #functions: Functions;

  constructor(target: Omit<Target, 'name'>) {
    this.device = target.device;
    this.dtype = target.dtype;
    this.#functions = functionsOf(target);
  }

  static of(program: Program, target: Omit<Target, 'name'>): Environment {
    const environment = new Environment(target);
    for (const input of program.inputs) environment.addInput(input);
    for (const made of program.made) environment.addMade(made);
    return environment;
  }

  addInput({ name, shape, dtype, values, grad }: Input): void {
    const options = { dtype: dtype === 'i32' ? dtype : this.dtype, requiresGrad: grad };
    const value = tensor(this.device, values, shape, options);
    this.values.set(name, value);
    if (grad) this.leaves.set(name, value);
  }

  addMade({ name, make, args, seed }: Made): void {
    const { device, dtype } = this;
    if (make === 'Generator') {
      this.values.set(name, new Generator(device, seed));
      return;
    }
    const [first, hidden, options] = args as [number, number, object];
    const all = { ...options, random: new Random(seed), dtype };
    const named = { LSTM, GRU, RNN }[make];
    const layer = named
      ? new named(device, first, hidden, all)
      : new Recurrent(device, CELLS[make as CellName].kind as never, first, hidden, all);
    this.values.set(name, layer);
    for (const [parameter, value] of layer.namedParameters()) {
      this.leaves.set(`${name}.${parameter}`, value);
    }
  }

  /** Makes a call; its value or values by name. */
  call(
    { name, op, args }: Pick<Call, 'name' | 'op' | 'args'>,
    known = this.values,
  ): Map<string, Tensor> {
    const resolve = (arg: Arg): unknown => {
      if (typeof arg !== 'object') return arg;
      if (isName(arg)) return known.get(arg.$) ?? this.values.get(arg.$);
      if (Array.isArray(arg)) return arg.map(resolve);
      return Object.fromEntries(Object.entries(arg).map(([key, value]) => [key, resolve(value)]));
    };
    const result = this.#functions[op](...(args.map(resolve) as never[]));
    if (!Array.isArray(result)) return new Map([[name, result as Tensor]]);
    return new Map((result as Tensor[]).map((part, i) => [`${name}[${i}]`, part]));
  }

  /** Lets generators draw what they drew first. */
  rewind(): void {
    for (const value of this.values.values()) {
      if (value instanceof Generator) value.position = { step: 0, call: 0 };
    }
  }

  /** The values of all calls. */
  forward(calls: readonly Call[]): Map<string, Tensor> {
    const made = new Map<string, Tensor>();
    for (const call of calls) {
      for (const [name, value] of this.call(call, made)) made.set(name, value);
    }
    return made;
  }

  /** A scalar of what nothing else uses, in a direction; undefined where nothing takes a gradient. */
  loss(calls: readonly Call[], values: ReadonlyMap<string, Tensor>): Tensor | undefined {
    const used = new Set(calls.flatMap(({ args }) => args.flatMap(namesIn)));
    const ends = [...values].filter(([name, x]) => x.requiresGrad && !used.has(name));
    const terms = ends
      // Some results of an operation stay without a gradient.
      .filter(([name], i) => placeOf(name) % 3 !== 2 || i === ends.length - 1)
      .map(([name, x]) => ops.sum(ops.mul(x, this.weights(x.shape, placeOf(name)))));
    return terms.length === 0 ? undefined : terms.reduce((a, b) => ops.add(a, b));
  }

  /** Not made in the midst of a recording, so once they must be asked for before. */
  weights(shape: readonly number[], k: number): Tensor {
    const key = `${shape.join()}:${k}`;
    let weights = this.#weights.get(key);
    if (!weights) {
      const size = shape.reduce((product, n) => product * n, 1);
      const values = Array.from({ length: size }, (_, i) => Math.sin(1 + 2.3 * i + k));
      weights = tensor(this.device, values, shape, { dtype: this.dtype });
      disown(weights);
      this.#weights.set(key, weights);
    }
    return weights;
  }

  dispose(): void {
    for (const value of this.values.values()) value.dispose();
    for (const value of this.#weights.values()) value.dispose();
  }
}

export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}
export type Arrays = ReadonlyMap<string, Numbers>;

/** What a run gave: the values of all calls, and the gradients of what takes one. */
export interface Run {
  readonly values: Arrays;
  readonly gradients: Arrays;
  /** Names of the errors of calls that are to be refused; '' where one was not. */
  readonly refusals: string[];
}

async function readAll(entries: Iterable<[string, Tensor]>): Promise<Map<string, Numbers>> {
  const reads = Array.from(entries, async ([name, x]) => {
    return [name, { shape: x.shape, data: Float64Array.from(await x.data()) }] as const;
  });
  return new Map(await Promise.all(reads));
}

async function gradientsOf({ leaves }: Environment): Promise<Arrays> {
  const given = [...leaves].flatMap(([name, leaf]): [string, Tensor][] =>
    leaf.grad ? [[name, leaf.grad]] : [],
  );
  const gradients = await readAll(given);
  for (const [name, { shape, size }] of leaves) {
    if (!gradients.has(name)) gradients.set(name, { shape, data: new Float64Array(size) });
  }
  return gradients;
}

function errorNameOf(body: () => unknown): string {
  try {
    body();
    return '';
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

/** Forward and backward, operation by operation. */
export async function runDirectly(program: Program, target: Omit<Target, 'name'>): Promise<Run> {
  const environment = Environment.of(program, target);
  try {
    const { values, refusals } = scope(() => {
      const made = environment.forward(program.calls);
      const known = new Map<string, Value>(made);
      const refusals = program.refused.map((call) =>
        errorNameOf(() => scope(() => void environment.call(call, known))),
      );
      const values = readAll(made);
      const loss = environment.loss(program.calls, made);
      if (loss) backward(loss);
      return { values: [values], refusals };
    });
    return { values: await values[0], gradients: await gradientsOf(environment), refusals };
  } finally {
    environment.dispose();
  }
}

/** Of inputs that a step is recorded with, before it is replayed on those of the program. */
function others(input: Input): Input {
  const values = input.values.toReversed();
  return { ...input, values: input.dtype === 'i32' ? values : values.map((value) => 0.7 * value) };
}

/** Recorded with other inputs, and replayed twice on those of the program: the ends and the gradients. */
export async function runReplayed(
  program: Program,
  target: Target,
): Promise<Omit<Run, 'refusals'>> {
  const recordedWith = { ...program, inputs: program.inputs.map(others) };
  const environment = Environment.of(recordedWith, target);
  const { calls, inputs } = program;
  try {
    // What a step makes once: the weights of its loss.
    scope(() => void environment.loss(calls, environment.forward(calls)));
    environment.rewind();
    const tensors = inputs.map(({ name }) => environment.values.get(name) as Tensor);
    const recorded = target.device.record(() => {
      const made = environment.forward(calls);
      const told = [...made].map(([name, x]): [string, Tensor] => [name, detach(x)]);
      const loss = environment.loss(calls, made);
      if (loss) backward(loss);
      return told;
    }, tensors);
    try {
      for (let time = 0; time < 2; time++) recorded.replay(...inputs.map(({ values }) => values));
      const values = await readAll(recorded.result);
      return { values, gradients: await gradientsOf(environment) };
    } finally {
      for (const [, x] of recorded.result) x.dispose();
      recorded.dispose();
    }
  } finally {
    environment.dispose();
  }
}

/** The loss, for differences. */
export async function lossOf({ calls }: Program, environment: Environment): Promise<number> {
  environment.rewind();
  // A graph is made, and freed with the scope: which ends count depends on what takes a gradient.
  const read = scope(() => [environment.loss(calls, environment.forward(calls))?.item()]);
  return (await read[0]) ?? 0;
}
