import { defineKernel, elementwise, include, readIds } from '../backend/kernel';
import type { ParamValues } from '../backend/kernel';

/**
 * The lists, in the order in which they lie. Sequences are ranked by length, the longest first; a packed row
 * is a step of a sequence, the first steps of all in this order, then the second ones, and so on. There
 * are time * batch rows, of which the last ones may have no step: their entries are -1.
 *
 * - `table`: [time + 1], the packed row that each step begins with.
 * - `order`: [batch], the sequence of each rank; `ranks`: the rank of each sequence.
 * - `packed`: of each packed row, its place in [time, batch] (or [batch, time]); `padded`: the other way, -1
 *   at padding.
 * - `steps`: of each place in [time, batch] by rank, its packed row, -1 where there is none; `places`: the
 *   other way.
 * - `previous`: of each packed row, the one with the state before, or rows + rank for a first step;
 *   `last`: [batch], by rank the row of the last step, or rows + rank of an empty sequence; `first`: the
 *   row of the first step, or -1. Each from the first step to the last, then in reverse.
 */
export const SEQUENCE_LISTS = [
  'table',
  'order',
  'ranks',
  'packed',
  'padded',
  'steps',
  'places',
  'previous',
  'last',
  'first',
  'previousReverse',
  'lastReverse',
  'firstReverse',
] as const;

const PARAMS = {
  time: 'u32',
  batch: 'u32',
  /** Whether the places of the padded batch are [batch, time]. */
  batch_first: 'u32',
  /** Numbers between the beginnings of two lists. */
  stride: 'u32',
} as const;

/** The longest list has so many numbers. */
export function longestList({
  time,
  batch,
}: Pick<ParamValues<typeof PARAMS>, 'time' | 'batch'>): number {
  return Math.max(time * batch, time + 1);
}

/** `SEQUENCE_LISTS` of these lengths, each at a multiple of `stride`; a length past `time` is taken as `time`. */
export const sequenceOrder = defineKernel({
  name: 'sequence_order',
  source: include('sequence_order', 'lib/index'),
  bindings: { lengths: readIds, lists: { access: 'inout', element: 'i32' } },
  params: PARAMS,
  cpu({ lengths: given, lists }, { time, batch, batch_first, stride }) {
    const rows = time * batch;
    const [table, order, ranks, packed, padded, steps, places, ...directed] = SEQUENCE_LISTS.map(
      (_, i) => lists.subarray(i * stride, (i + 1) * stride),
    );
    const [previous, last, first, previousReverse, lastReverse, firstReverse] = directed;
    const lengths = Array.from(given.subarray(0, batch), (n) => Math.min(Math.max(n, 0), time));
    for (let t = 0; t <= time; t++) {
      table[t] = lengths.reduce((sum, length) => sum + Math.min(length, t), 0);
    }
    for (const list of [packed, places, previous, previousReverse]) list.fill(-1, 0, rows);
    [...lengths.keys()]
      .sort((a, b) => lengths[b] - lengths[a] || a - b)
      .forEach((sequence, rank) => {
        const length = lengths[sequence];
        order[rank] = sequence;
        ranks[sequence] = rank;
        last[rank] = length > 0 ? table[length - 1] + rank : rows + rank;
        lastReverse[rank] = length > 0 ? rank : rows + rank;
        first[rank] = length > 0 ? rank : -1;
        firstReverse[rank] = length > 0 ? last[rank] : -1;
        for (let t = 0; t < time; t++) {
          const place = batch_first ? sequence * time + t : t * batch + sequence;
          const step = t * batch + rank;
          const row = t < length ? table[t] + rank : -1;
          padded[place] = row;
          steps[step] = row;
          if (row < 0) continue;
          packed[row] = place;
          places[row] = step;
          previous[row] = t > 0 ? table[t - 1] + rank : rows + rank;
          previousReverse[row] = t + 1 < length ? table[t + 1] + rank : rows + rank;
        }
      });
  },
  launch: (p) => elementwise(longestList(p)),
});
