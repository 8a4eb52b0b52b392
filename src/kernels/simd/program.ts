import type { CellDefinition } from '../../cell/definition';
import { OPS } from '../../cell/ops';
import { INSTRUCTION } from '../../cell/program';
import type { Program } from '../../cell/program';

/** What is known of a program before it runs, for assembly/interpreter.ts. */
export interface Encoded {
  /** `INSTRUCTION` words each: op, and where out, a, b and c are in the table of slots. */
  readonly code: readonly number[];
  readonly constants: readonly number[];
  /** Slots, in this order. Those of whole rows are the program's and then those of the biases. */
  readonly externals: number;
  readonly temporaries: number;
}

/** Bytes of a slot in that table. */
export const SLOT_BYTES = 20;

const OWN = Object.keys(OPS).length;

/** Instructions that the interpreter has beside those of `OPS`, each in the place of two. */
export const FUSED = {
  /** The gradient of a sigmoid and of tanh: a b of the one after, c its value. */
  mulSigmoidGrad: OWN,
  mulTanhGrad: OWN + 1,
  /** a b - c. */
  mulSub: OWN + 2,
  /** c - a b. */
  subMul: OWN + 3,
} as const;

interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly operands: readonly number[];
}

/** What takes the place of a product that goes to slot `t` and of what reads it; undefined if nothing does. */
function fuse(product: Instruction, { op, out, operands }: Instruction): Instruction | undefined {
  const [t, [a, b], [x, y]] = [product.out, product.operands, operands];
  if ((x === t) === (y === t)) return undefined;
  const both = (fused: number, other: number) => ({ op: fused, out, operands: [a, b, other] });
  if (op === OPS.sub) return x === t ? both(FUSED.mulSub, y) : both(FUSED.subMul, x);
  if (x !== t) return undefined;
  if (op === OPS.sigmoidGrad) return both(FUSED.mulSigmoidGrad, y);
  return op === OPS.tanhGrad ? both(FUSED.mulTanhGrad, y) : undefined;
}

/** The program's instructions, products fused with what alone reads them. */
function instructionsOf({ code, externals, constants }: Program): Instruction[] {
  const all: Instruction[] = [];
  for (let i = 0; i < code.length; i += INSTRUCTION) {
    const [op, out, ...operands] = code.slice(i, i + INSTRUCTION);
    all.push({ op, out, operands });
  }
  for (let i = 0; i < all.length; i++) {
    const product = all[i];
    const t = product.out;
    if (product.op !== OPS.mul || t < externals + constants.length) continue;
    const [a, b] = product.operands;
    const j = all.findIndex(({ out, operands }, k) => k > i && (out === t || operands.includes(t)));
    const fused = j < 0 ? undefined : fuse(product, all[j]);
    // Its operands are still there then, and nothing reads it afterwards.
    if (!fused || all.slice(i + 1, j).some(({ out }) => out === a || out === b)) continue;
    const later = all.slice(j + 1);
    const read = later.findIndex(({ operands }) => operands.includes(t));
    const written = later.findIndex(({ out }) => out === t);
    if (fused.out !== t && read >= 0 && (written < 0 || read <= written)) continue;
    all[j] = fused;
    all.splice(i--, 1);
  }
  return all;
}

const known = new WeakMap<Program, Encoded[]>();

/** A program of a cell; with `biased`, one that adds the biases of the recurrent products first. */
export function encode(
  { gates, runs }: Pick<CellDefinition, 'gates' | 'runs'>,
  program: Program,
  biased: boolean,
): Encoded {
  const made = known.get(program) ?? [];
  known.set(program, made);
  return (made[Number(biased)] ??= encoded(program, biased ? gates.length : 0, runs));
}

function encoded(program: Program, biases: number, runs: CellDefinition['runs']): Encoded {
  const { externals, constants, slots } = program;
  const code: number[] = [];
  const emit = (op: number, ...operands: readonly number[]): void => {
    code.push(op, ...operands.map((slot) => SLOT_BYTES * slot));
  };
  if (biases > 0) {
    for (const { gate, count, slot } of runs) {
      for (let i = 0; i < count; i++) emit(OPS.add, slot + i, slot + i, externals + gate + i, 0);
    }
  }
  for (const { op, out, operands } of instructionsOf(program)) {
    emit(op, ...[out, ...operands].map((slot) => (slot < externals ? slot : slot + biases)));
  }
  const temporaries = slots - externals - constants.length;
  return { code, constants, externals: externals + biases, temporaries };
}
