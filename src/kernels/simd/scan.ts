import type { NumberArray } from '../../backend/dtype';
import type { Simd } from '../../backend/kernel';
import type { Program } from '../../cell/program';
import { INSTRUCTION } from '../../cell/program';
import { OPS } from '../../cell/ops';
import { packColumns, packedBytes } from './matmul';

type Arrays<Name extends string> = Readonly<Record<Name, NumberArray>>;

interface ScanParams {
  readonly time: number;
  readonly batch: number;
  readonly rows: number;
  readonly hidden: number;
  readonly begin: number;
  readonly end: number;
  readonly reverse: number;
  readonly ragged: number;
  readonly recurrent: number;
}

/** A `CellDefinition`, as far as it is needed here. */
interface Cell {
  readonly slots: { readonly length: number };
  readonly gates: { readonly length: number };
  readonly state: { readonly length: number };
  readonly vectors: { readonly length: number };
  readonly biased: boolean;
  readonly runs: readonly {
    readonly gate: number;
    readonly count: number;
    readonly slot: number;
  }[];
  readonly forward: Program;
  readonly backward: Program;
}

const FLOAT_BYTES = 4;
/** Up to so many steps of a row in all, packing the weights costs more than it saves. */
const FEW = 3;
/** What an instruction goes over at once: rows of so many bytes in all, which stay in the first cache. */
const TILE_BYTES = 3072;
const MAX_TILE_ROWS = 16;
/** Of a slot in the table of them. */
const SLOT_BYTES = 20;
const VECTOR_BYTES = 16;
/** What a thread has for all that: WORKSPACE of assembly/gemm.ts. */
const WORKSPACE_BYTES = 5 * 2 ** 16 - 2 ** 18 - 192;

/** Rows and bytes of each; undefined for a program of more slots than there is room for. */
function tileOf(
  { externals, constants, temporaries }: Record<'externals' | 'constants' | 'temporaries', number>,
  hidden: number,
) {
  const row = VECTOR_BYTES * Math.ceil(hidden / 4);
  const copies = VECTOR_BYTES * MAX_TILE_ROWS * externals;
  const table = SLOT_BYTES * (externals + constants + temporaries);
  const room = (WORKSPACE_BYTES - copies - table) / (constants + temporaries || 1);
  const most = Math.min(
    (globalThis as any).BYTES ?? TILE_BYTES,
    VECTOR_BYTES * Math.floor(room / VECTOR_BYTES),
  );
  if (most <= 0) return undefined;
  const rows = Math.min(MAX_TILE_ROWS, 2 ** Math.max(0, Math.floor(Math.log2(most / row))));
  return { rows, chunk: Math.min(row, most) };
}

const ARITY = [1, 2, 2, 2, 2, 1, 3, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2];

/** Instructions of assembly/interpreter.ts that take the place of two. */
const FUSED = { sigmoidGrad: 20, tanhGrad: 21, mulSub: 22, subMul: 23 };

interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly operands: readonly number[];
}

/** The program's instructions, a product and what alone reads it put together where there is one for both. */
function instructionsOf({ code, externals, constants }: Program): Instruction[] {
  const all: (Instruction | undefined)[] = [];
  for (let i = 0; i < code.length; i += INSTRUCTION) {
    const [op, out, ...operands] = code.slice(i, i + INSTRUCTION);
    all.push({ op, out, operands: operands.slice(0, ARITY[op]) });
  }
  all.forEach((product, i) => {
    if (product?.op !== OPS.mul || product.out < externals + constants.length) return;
    const t = product.out;
    const touches = (x: Instruction | undefined) => x && (x.out === t || x.operands.includes(t));
    const j = all.findIndex((x, at) => at > i && touches(x));
    const reader = all[j];
    const [x, y] = reader?.operands ?? [];
    if (!reader || (x === t) === (y === t)) return;
    let op: number;
    if (reader.op === OPS.sub) op = x === t ? FUSED.mulSub : FUSED.subMul;
    else if (reader.op === OPS.sigmoidGrad && x === t) op = FUSED.sigmoidGrad;
    else if (reader.op === OPS.tanhGrad && x === t) op = FUSED.tanhGrad;
    else return;
    if (all.slice(i + 1, j).some((x) => x && product.operands.includes(x.out))) return;
    const next = reader.out === t ? undefined : all.slice(j + 1).find(touches);
    if (next?.operands.includes(t)) return;
    all[j] = { op, out: reader.out, operands: [...product.operands, x === t ? y : x] };
    all[i] = undefined;
  });
  return all.filter((x) => x !== undefined);
}

/** What a scan forward and one back have in common. @returns false where there is no memory. */
function run(
  simd: Simd,
  name: 'scan_forward' | 'scan_backward',
  a: Arrays<'weight' | 'vectors' | 'table' | 'gates' | 'states'> & Partial<Arrays<'dy' | 'dstate'>>,
  p: ScanParams,
  cell: Cell,
): boolean {
  const { time, batch, rows, hidden: H, begin, end, reverse, ragged, recurrent } = p;
  if (rows === 0) return true;
  const [G, K] = [cell.gates.length, cell.slots.length];
  const forward = name === 'scan_forward';
  const biases = cell.biased ? G : 0;
  const program = forward ? cell.forward : cell.backward;
  const { constants, externals, slots } = program;
  const runs = recurrent ? cell.runs : [];
  // Where products have been made already, the program adds their biases.
  const biasSlots = forward && !recurrent ? biases : 0;
  const counts = {
    externals: externals + biasSlots,
    constants: constants.length,
    temporaries: slots - externals - constants.length,
  };
  const tile = tileOf(counts, H);
  if (!tile) return false;
  const code: number[] = [];
  const emit = (op: number, ...operands: number[]): void => {
    code.push(op, ...operands.map((slot) => SLOT_BYTES * slot));
  };
  if (biasSlots) {
    for (const { gate, count, slot } of cell.runs) {
      for (let i = 0; i < count; i++) emit(OPS.add, slot + i, slot + i, externals + gate + i, 0);
    }
  }
  for (const { op, out, operands } of instructionsOf(program)) {
    const [a, b = a, c = a] = operands;
    emit(op, ...[out, a, b, c].map((slot) => (slot < externals ? slot : slot + biasSlots)));
  }

  const steps = ((end - begin) / time) * rows;
  const packs = !forward || steps > FEW;
  const sizes = runs.map(({ count }) =>
    !packs ? 0 : forward ? packedBytes(count * H, H) : packedBytes(H, count * H),
  );
  const packedSize = sizes.reduce((sum, size) => sum + size, 0);
  const memory = simd.scratch(packedSize + 4 * (code.length + constants.length));
  if (!memory) return false;
  let at = memory.byteOffset;
  const table = runs.flatMap(({ gate, count, slot }, i) => {
    const to = at;
    at += sizes[i];
    if (packs) {
      const from = a.weight.byteOffset + FLOAT_BYTES * gate * H * H;
      if (forward) packColumns(simd, to, from, count * H, H, 1, H);
      else packColumns(simd, to, from, H, count * H, H, 1);
    }
    return [packs ? to : 0, gate, count, slot, slot < G ? 1 : 0];
  });
  new Uint32Array(memory.buffer, at, code.length).set(code);
  new Float32Array(memory.buffer, at + 4 * code.length, constants.length).set(constants);
  const work = steps * H * G * ((recurrent && runs.length > 0 ? H / 8 : 0) + 8);
  simd.run(name, work, [
    ...[a.weight, a.vectors, a.table, a.gates, a.states, a.dy ?? 0, a.dstate ?? 0],
    ...[time, batch, rows, H, begin, end, reverse, ragged],
    ...[K, cell.state.length, cell.vectors.length, biases, biasSlots],
    ...[at, at + 4 * code.length, counts.externals],
    ...[at + 4 * code.length, counts.constants, counts.temporaries, tile.rows, tile.chunk],
    ...[runs.length, ...table],
  ]);
  return true;
}

/** `scan_forward` of one layer by SIMD. @returns false where there is no memory. */
export function simdScanForward(
  simd: Simd,
  arrays: Arrays<'weight' | 'vectors' | 'table' | 'gates' | 'states'>,
  p: ScanParams,
  cell: Cell,
): boolean {
  return run(simd, 'scan_forward', arrays, p, cell);
}

/** `scan_backward` of one layer by SIMD. @returns false where there is no memory. */
export function simdScanBackward(
  simd: Simd,
  arrays: Arrays<'weight' | 'vectors' | 'table' | 'gates' | 'states' | 'dy' | 'dstate'>,
  p: ScanParams,
  cell: Cell,
): boolean {
  return run(simd, 'scan_backward', arrays, p, cell);
}
