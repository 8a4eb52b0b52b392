import type { Simd } from '../../backend/kernel';
import { ctcInLogarithms, ctcSequences } from '../ctc_sequence';
import type { CtcArrays, CtcParams, CtcSequence } from '../ctc_sequence';

const WORD_BYTES = 4;
/** Words of a sequence: Sequence of assembly/ctc.ts. */
const SEQUENCE_WORDS = 8;
const DONE = 7;

/** Bytes that the largest of the sequences needs: memory of assembly/ctc.ts. */
function roomOf(sequences: readonly CtcSequence[], classes: number): number {
  const rooms = sequences.map(({ frames, states: { length } }) => {
    const doubles = (frames + 3) * (length + 4) + frames + classes + 2;
    return 8 * doubles + WORD_BYTES * frames * classes;
  });
  return 16 * Math.ceil(Math.max(0, ...rooms) / 16);
}

/** The kernel `ctc` by SIMD. @returns false where there is no memory. */
export function simdCtc(simd: Simd, arrays: CtcArrays, p: CtcParams): boolean {
  const sequences = [...ctcSequences(arrays, p)];
  const count = sequences.length;
  const room = roomOf(sequences, p.classes);
  const rooms = Math.min(simd.threads, count);
  const words = sequences.map(({ states }) => SEQUENCE_WORDS + 3 * states.length);
  const memory = simd.scratch(rooms * room + WORD_BYTES * words.reduce((a, b) => a + b, 0));
  if (!memory) return false;
  const { buffer, byteOffset } = memory;
  const start = byteOffset + rooms * room;
  const records = new Uint32Array(buffer, start, SEQUENCE_WORDS * count);
  const weights = new Float32Array(buffer, start, SEQUENCE_WORDS * count);
  let at = start + records.byteLength;
  for (const [i, { b, frames, states, earliest, latest, weight }] of sequences.entries()) {
    const addresses = [states, earliest, latest].map((table) => {
      const copy = new Int32Array(buffer, at, table.length);
      copy.set(table);
      at += copy.byteLength;
      return copy.byteOffset;
    });
    records.set([b, frames, states.length, ...addresses, 0, 0], SEQUENCE_WORDS * i);
    weights[SEQUENCE_WORDS * i + 6] = weight;
  }
  const work = sequences.reduce(
    (sum, { frames, states: { length } }) => sum + frames * (8 * length + 6 * p.classes),
    0,
  );
  const { logits, loss, dlogits } = arrays;
  simd.run('ctc', work, [
    ...[logits, loss, dlogits, p.batch, p.classes, p.from_log_probs, p.gradients],
    ...[start, count, byteOffset, room, rooms],
  ]);
  for (const [i, sequence] of sequences.entries()) {
    if (records[SEQUENCE_WORDS * i + DONE] === 0) ctcInLogarithms(arrays, p, sequence);
  }
  return true;
}
