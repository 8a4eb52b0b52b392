import type { NumberArray } from '../../backend/dtype';
import type { Simd } from '../../backend/kernel';
import { packColumns, packedBytes } from './matmul';

interface Sweep {
  readonly time: number;
  readonly batch: number;
  readonly hidden: number;
  readonly begin: number;
  readonly end: number;
}

type Arrays<Name extends string> = Readonly<Record<Name, NumberArray>>;

/** Up to so many steps of a row in all, packing the weights costs more than it saves. */
const FEW = 3;

/** Whether the weights are packed for a sweep forward. */
function packs({ batch, begin, end }: Sweep): boolean {
  return (end - begin) * batch > FEW;
}

/**
 * Packs parts of recurrent weights behind each other: each `rows` of [hidden] from row `from` on,
 * turned for the way forward, and leaves `spare` more bytes behind them.
 *
 * @returns the addresses of the parts and of what is spare; undefined when memory is full.
 */
function pack(
  simd: Simd,
  weight: NumberArray,
  { hidden }: Sweep,
  parts: readonly { from: number; rows: number }[],
  turned: boolean,
  spare = 0,
): number[] | undefined {
  const sizes = parts.map(({ rows }) =>
    turned ? packedBytes(rows, hidden) : packedBytes(hidden, rows),
  );
  const memory = simd.scratch(sizes.reduce((sum, size) => sum + size, spare));
  if (!memory) return undefined;
  const addresses = [memory.byteOffset];
  for (const [i, { from, rows }] of parts.entries()) {
    const at = weight.byteOffset + 4 * from * hidden;
    if (turned) packColumns(simd, addresses[i], at, rows, hidden, 1, hidden);
    else packColumns(simd, addresses[i], at, hidden, rows, hidden, 1);
    addresses.push(addresses[i] + sizes[i]);
  }
  return addresses;
}

/** What a sweep takes: products of [batch, hidden] with `gates` times [hidden, hidden], and gates. */
function work({ batch, hidden, begin, end }: Sweep, gates: number): number {
  return (end - begin) * batch * hidden * gates * (hidden / 8 + 8);
}

/** `lstm_sequence` by SIMD. @returns false where memory is full. */
export function simdLstm(
  simd: Simd,
  { weight, h0, c0, gates, c, y }: Arrays<'weight' | 'h0' | 'c0' | 'gates' | 'c' | 'y'>,
  p: Sweep,
): boolean {
  const { batch, hidden, begin, end } = p;
  const parts = [{ from: 0, rows: 4 * hidden }];
  const packed = packs(p) ? pack(simd, weight, p, parts, true) : [0];
  if (!packed) return false;
  const arrays = [weight, h0, c0, gates, c, y];
  simd.run('lstm', work(p, 4), [packed[0], ...arrays, batch, hidden, begin, end]);
  return true;
}

/** `lstm_sequence_gradient` by SIMD. @returns false where memory is full. */
export function simdLstmGradient(
  simd: Simd,
  a: Arrays<'weight' | 'gates' | 'c' | 'c0' | 'dy' | 'dh' | 'dc'>,
  p: Sweep,
): boolean {
  const { time, batch, hidden, begin, end } = p;
  const parts = [{ from: 0, rows: 4 * hidden }];
  const packed = pack(simd, a.weight, p, parts, false, 4 * batch * hidden);
  if (!packed) return false;
  const arrays = [a.gates, a.c, a.c0, a.dy, a.dh, a.dc];
  simd.run('lstm_gradient', work(p, 4), [...packed, ...arrays, time, batch, hidden, begin, end]);
  return true;
}

/** `gru_sequence` by SIMD. @returns false where memory is full. */
export function simdGru(
  simd: Simd,
  { weight, bias, h0, gates, ghn, y }: Arrays<'weight' | 'bias' | 'h0' | 'gates' | 'ghn' | 'y'>,
  p: Sweep,
): boolean {
  const { batch, hidden, begin, end } = p;
  const packed = packs(p) ? pack(simd, weight, p, gruParts(hidden), true) : [0, 0];
  if (!packed) return false;
  const arrays = [weight, bias, h0, gates, ghn, y];
  simd.run('gru', work(p, 3), [packed[0], packed[1], ...arrays, batch, hidden, begin, end]);
  return true;
}

/** `gru_sequence_gradient` by SIMD. @returns false where memory is full. */
export function simdGruGradient(
  simd: Simd,
  a: Arrays<'weight' | 'gates' | 'ghn' | 'y' | 'h0' | 'dy' | 'dh'>,
  p: Sweep,
): boolean {
  const { time, batch, hidden, begin, end } = p;
  const packed = pack(simd, a.weight, p, gruParts(hidden), false);
  if (!packed) return false;
  const arrays = [a.gates, a.ghn, a.y, a.h0, a.dy, a.dh];
  const args = [packed[0], packed[1], ...arrays, time, batch, hidden, begin, end];
  simd.run('gru_gradient', work(p, 3), args);
  return true;
}

/** The weights of r and z, and of n: their products go to different places. */
function gruParts(hidden: number): { from: number; rows: number }[] {
  return [
    { from: 0, rows: 2 * hidden },
    { from: 2 * hidden, rows: hidden },
  ];
}

/** `rnn_sequence` by SIMD. @returns false where memory is full. */
export function simdRnn(
  simd: Simd,
  { weight, h0, y }: Arrays<'weight' | 'h0' | 'y'>,
  p: Sweep & { readonly nonlinearity: number },
): boolean {
  const { batch, hidden, begin, end, nonlinearity } = p;
  const parts = [{ from: 0, rows: hidden }];
  const packed = packs(p) ? pack(simd, weight, p, parts, true) : [0];
  if (!packed) return false;
  const args = [packed[0], weight, h0, y, batch, hidden, begin, end, nonlinearity];
  simd.run('rnn', work(p, 1), args);
  return true;
}

/** `rnn_sequence_gradient` by SIMD. @returns false where memory is full. */
export function simdRnnGradient(
  simd: Simd,
  { weight, y, dy, dh, dz }: Arrays<'weight' | 'y' | 'dy' | 'dh' | 'dz'>,
  p: Sweep & { readonly nonlinearity: number },
): boolean {
  const { time, batch, hidden, begin, end, nonlinearity } = p;
  const packed = pack(simd, weight, p, [{ from: 0, rows: hidden }], false);
  if (!packed) return false;
  const sizes = [time, batch, hidden, begin, end, nonlinearity];
  simd.run('rnn_gradient', work(p, 1), [packed[0], y, dy, dh, dz, ...sizes]);
  return true;
}
