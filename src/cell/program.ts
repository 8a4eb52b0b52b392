import { inOrder } from './expression';
import type { Expression } from './expression';
import { OPS } from './ops';

/** Words of an instruction: op, out, a, b, c. */
export const INSTRUCTION = 5;

/**
 * Expressions as instructions in a row, on numbered slots: those of the caller first, then constants,
 * then temporaries. An instruction may write a slot that it reads.
 */
export interface Program {
  /** `INSTRUCTION` words each. */
  readonly code: readonly number[];
  /** Slots that the caller fills, and where it finds the results. */
  readonly externals: number;
  /** What the slots behind those hold. */
  readonly constants: readonly number[];
  /** All of them. */
  readonly slots: number;
}

const none = 0;

/**
 * The program that leaves each output in its slot. Slots hold `inputs` at first; a slot may be that of an
 * input and of an output.
 */
export function lower(
  inputs: ReadonlyMap<Expression, number>,
  outputs: readonly (readonly [Expression, number])[],
  externals: number,
): Program {
  const all = inOrder(
    outputs.map(([x]) => x),
    (x) => inputs.has(x),
  );
  const constants = all.filter(({ op }) => op === 'constant');
  const fused = productsOfSums(all, inputs, outputs);
  const computed = all.filter(
    (x) => !inputs.has(x) && x.op !== 'constant' && ![...fused.values()].includes(x),
  );
  const operands = (x: Expression): readonly Expression[] => {
    const product = fused.get(x);
    if (!product) return x.args;
    return [...product.args, x.args[0] === product ? x.args[1] : x.args[0]];
  };

  /** The last instruction that reads each value. */
  const lastRead = new Map<Expression, number>();
  computed.forEach((x, i) => operands(x).forEach((arg) => lastRead.set(arg, i)));
  const slotOf = new Map<Expression, number>(inputs);
  constants.forEach((x, i) => slotOf.set(x, externals + i));
  /** Until when the input that a slot holds is read. */
  const busy = new Map<number, number>();
  for (const [x, slot] of inputs) busy.set(slot, lastRead.get(x) ?? -1);

  const code: number[] = [];
  const last: number[] = [];
  const emit = (op: number, out: number, slots: readonly number[], to = code): void => {
    to.push(op, out, slots[0], slots[1] ?? none, slots[2] ?? none);
  };
  let slots = externals + constants.length;
  const free: number[] = [];
  const temporary = (): number => free.pop() ?? slots++;

  // An input that is also an output elsewhere may be overwritten before it is copied.
  for (const [x, slot] of outputs) {
    if (!inputs.has(x) || inputs.get(x) === slot) continue;
    const held = temporary();
    emit(OPS.copy, held, [inputs.get(x)!]);
    emit(OPS.copy, slot, [held], last);
  }
  const placed = new Set<readonly [Expression, number]>();
  computed.forEach((x, i) => {
    const place = outputs.find(([y, slot]) => y === x && (busy.get(slot) ?? -1) <= i);
    const reads = operands(x).map((arg) => slotOf.get(arg)!);
    for (const arg of new Set(operands(x))) {
      const slot = slotOf.get(arg)!;
      if (lastRead.get(arg) === i && slot >= externals + constants.length) free.push(slot);
    }
    if (place) placed.add(place);
    const kept = outputs.some((output) => output[0] === x && output !== place);
    const out = place?.[1] ?? temporary();
    slotOf.set(x, out);
    // What is copied in the end is read until then.
    if (kept && !place) lastRead.set(x, Infinity);
    else if (!lastRead.has(x) && !place) free.push(out);
    emit(OPS[fused.has(x) ? 'madd' : (x.op as keyof typeof OPS)], out, reads);
  });
  for (const output of outputs) {
    const [x, slot] = output;
    if (placed.has(output) || inputs.has(x)) continue;
    emit(OPS.copy, slot, [slotOf.get(x)!], last);
  }
  const values = constants.map(({ value }) => value);
  return { code: [...code, ...last], externals, constants: values, slots };
}

/** Sums with a product that nothing else reads: one instruction makes both. */
function productsOfSums(
  all: readonly Expression[],
  inputs: ReadonlyMap<Expression, number>,
  outputs: readonly (readonly [Expression, number])[],
): Map<Expression, Expression> {
  const readers = new Map<Expression, number>();
  for (const x of all) {
    if (!inputs.has(x)) for (const arg of x.args) readers.set(arg, (readers.get(arg) ?? 0) + 1);
  }
  for (const [x] of outputs) readers.set(x, (readers.get(x) ?? 0) + 1);
  const fused = new Map<Expression, Expression>();
  for (const x of all) {
    if (x.op !== 'add' || inputs.has(x)) continue;
    const product = x.args.find(
      (arg) => arg.op === 'mul' && readers.get(arg) === 1 && !inputs.has(arg),
    );
    if (product) fused.set(x, product);
  }
  return fused;
}

const share = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);

/** Runs a program on `at`, a number for each slot; constants are there already. */
export function runProgram({ code }: Program, at: Float64Array): void {
  for (let i = 0; i < code.length; i += INSTRUCTION) {
    const a = at[code[i + 2]];
    const b = at[code[i + 3]];
    at[code[i + 1]] = compute(code[i], a, b, at[code[i + 4]]);
  }
}

function compute(op: number, a: number, b: number, c: number): number {
  switch (op) {
    case OPS.copy:
      return a;
    case OPS.add:
      return a + b;
    case OPS.sub:
      return a - b;
    case OPS.mul:
      return a * b;
    case OPS.div:
      return a / b;
    case OPS.neg:
      return -a;
    case OPS.madd:
      return a * b + c;
    case OPS.exp:
      return Math.exp(a);
    case OPS.log:
      return Math.log(a);
    case OPS.sqrt:
      return Math.sqrt(a);
    case OPS.abs:
      return Math.abs(a);
    case OPS.sigmoid:
      return 1 / (1 + Math.exp(-a));
    case OPS.tanh:
      return Math.tanh(a);
    case OPS.relu:
      return Math.max(a, 0);
    case OPS.max:
      return Math.max(a, b);
    case OPS.min:
      return Math.min(a, b);
    case OPS.sigmoidGrad:
      return a * b * (1 - b);
    case OPS.tanhGrad:
      return a * (1 - b * b);
    case OPS.reluGrad:
      return b > 0 ? a : 0;
    default:
      return share(a, b);
  }
}
