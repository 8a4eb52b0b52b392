import type { NumberArray } from '../../backend/dtype';
import type { Simd } from '../../backend/kernel';
import type { CellDefinition } from '../../cell/definition';
import type { ScanParams } from '../scan_config';
import { packColumns, packedBytes } from './matmul';
import { encode, SLOT_BYTES } from './program';
import type { Encoded } from './program';

type Arrays<Name extends string> = Readonly<Record<Name, NumberArray>>;
type Forward = Arrays<'weight' | 'vectors' | 'table' | 'gates' | 'states'>;
type Backward = Forward & Arrays<'dy' | 'dstate'>;
type Cell = Pick<
  CellDefinition,
  'slots' | 'gates' | 'state' | 'vectors' | 'biased' | 'runs' | 'forward' | 'backward'
>;

const WORD_BYTES = 4;
const VECTOR_BYTES = 16;
/** Up to so many steps of a row in all, packing the weights costs more than it saves. */
const FEW = 3;
/** Rows of a tile of assembly/tile.ts, which no two threads share, and its columns. */
const TILE_ROWS = 4;
const TILE_COLUMNS = 8;
/** Vector operations of a thread in a step, below which it is not worth waiting for the others. */
const MIN_SHARED_OPERATIONS = 2 ** 13;
/** Bytes of what threads that share steps tell each other; one more for each. */
const LINE_BYTES = 64;
/** Bytes of a slot, rows of a chunk each, that an instruction goes over: all stay in the first cache. */
const TILE_BYTES = 3072;
const MAX_TILE_ROWS = 16;
/** What a thread has for slots, constants and temporaries: WORKSPACE of assembly/gemm.ts, aligned. */
const WORKSPACE_BYTES = 5 * 2 ** 16 - 2 ** 18 - 192;

/** Rows of a tile, and bytes of each; undefined for a program with more slots than there is room for. */
function tileOf(
  { externals, constants, temporaries }: Encoded,
  hidden: number,
): { rows: number; chunk: number } | undefined {
  const row = VECTOR_BYTES * Math.ceil(hidden / 4);
  const own = constants.length + temporaries;
  // The last units of a row are copied.
  const copies = VECTOR_BYTES * MAX_TILE_ROWS * externals;
  const room = (WORKSPACE_BYTES - copies - SLOT_BYTES * (externals + own)) / Math.max(own, 1);
  const most = Math.min(TILE_BYTES, VECTOR_BYTES * Math.floor(room / VECTOR_BYTES));
  if (most <= 0) return undefined;
  const rows = 2 ** Math.max(0, Math.floor(Math.log2(most / row)));
  return { rows: Math.min(MAX_TILE_ROWS, rows), chunk: Math.min(row, most) };
}

/** `scan_forward` of one layer by SIMD. @returns false where there is no memory. */
export function simdScanForward(simd: Simd, a: Forward, p: ScanParams, cell: Cell): boolean {
  const program = encode(cell, cell.forward, cell.biased && p.recurrent === 0);
  // Few rows are not worth packing weights for.
  const packs = ((p.end - p.begin) * p.rows) / p.time > FEW;
  return run(simd, 'scan_forward', { ...a, dy: 0, dstate: 0 }, p, cell, program, packs);
}

/** `scan_backward` of one layer by SIMD. @returns false where there is no memory. */
export function simdScanBackward(simd: Simd, a: Backward, p: ScanParams, cell: Cell): boolean {
  const program = encode(cell, cell.backward, false);
  return run(simd, 'scan_backward', a, p, cell, program, true);
}

/** Whether threads share the units of each step: where there are too few rows for all of them. */
function sharesUnits({ threads }: Simd, { batch, hidden, recurrent }: ScanParams, gates: number) {
  if (!recurrent || hidden % TILE_COLUMNS > 0 || Math.ceil(batch / TILE_ROWS) >= threads)
    return false;
  return (batch * gates * hidden * hidden) / 4 / threads >= MIN_SHARED_OPERATIONS;
}

function run(
  simd: Simd,
  name: 'scan_forward' | 'scan_backward',
  a: Readonly<Record<keyof Backward, NumberArray | number>> & Arrays<'weight'>,
  p: ScanParams,
  cell: Cell,
  program: Encoded,
  packs: boolean,
): boolean {
  const { time, batch, rows, hidden: H, begin, end, reverse, ragged } = p;
  if (rows === 0) return true;
  const [G, K, S, V] = [
    cell.gates.length,
    cell.slots.length,
    cell.state.length,
    cell.vectors.length,
  ];
  const tile = tileOf(program, H);
  if (!tile) return false;
  const { code, constants, externals, temporaries } = program;
  const forward = name === 'scan_forward';
  const runs = p.recurrent ? cell.runs : [];
  const sizes = runs.map(({ count }) => {
    if (!packs) return 0;
    return forward ? packedBytes(count * H, H) : packedBytes(H, count * H);
  });
  const packedSize = sizes.reduce((sum, size) => sum + size, 0);
  const shares = forward && packs && sharesUnits(simd, p, G);
  const sharedSize = shares ? LINE_BYTES * (1 + simd.threads) : 0;
  const size = sharedSize + packedSize + WORD_BYTES * (code.length + constants.length);
  const memory = simd.scratch(size);
  if (!memory) return false;
  memory.fill(0, 0, sharedSize);

  let at = memory.byteOffset + sharedSize;
  const products = runs.flatMap(({ gate, count, slot }, i) => {
    const packed = packs ? at : 0;
    const from = a.weight.byteOffset + WORD_BYTES * gate * H * H;
    if (packs && forward) packColumns(simd, at, from, count * H, H, 1, H);
    else if (packs) packColumns(simd, at, from, H, count * H, H, 1);
    at += sizes[i];
    return [packed, gate, count, slot, slot < G ? 1 : 0];
  });
  const codeEnd = at + WORD_BYTES * code.length;
  new Uint32Array(memory.buffer, at, code.length).set(code);
  new Float32Array(memory.buffer, codeEnd, constants.length).set(constants);

  const biases = cell.biased ? G : 0;
  const biasSlots = externals - (forward ? cell.forward : cell.backward).externals;
  const steps = ((end - begin) * rows) / time;
  const work = steps * H * (K * 8 + (runs.length > 0 ? (G * H) / 8 : 0));
  const args = [
    ...[a.weight, a.vectors, a.table, a.gates, a.states, a.dy, a.dstate],
    ...[time, batch, rows, H, begin, end, reverse, ragged],
    ...[K, S, V, biases, biasSlots],
    ...[at, codeEnd, externals],
    // Constants stand behind the code.
    ...[codeEnd, constants.length, temporaries, tile.rows, tile.chunk],
    memory.byteOffset,
    ...[runs.length, ...products],
  ];
  if (shares) simd.runTogether('scan_forward_units', args);
  else simd.run(name, work, args);
  return true;
}
