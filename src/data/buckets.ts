import type { EpochOptions, Group } from './epochs';

/** The lengths of the examples: example i has those at `i * dims`. */
export interface Lengths {
  readonly values: Int32Array;
  readonly dims: number;
}

/** A way to divide a group in two, and how many padded steps that saves. */
interface Cut {
  readonly gain: number;
  readonly parts: readonly [Group, Group];
}

/**
 * Divides examples into at most `limit` groups that need little padding: the group is cut in two where
 * that saves the most, along any of the lengths, again and again. Cuts are made at multiples of
 * `batchSize`, so that all groups but one are full batches alone. With `dropLast` that one has a full batch
 * too, so that not always the same examples are left out.
 */
export function divideByLength(
  lengths: Lengths,
  options: Pick<EpochOptions, 'batchSize' | 'dropLast'>,
  limit: number,
): Group[] {
  const { values, dims } = lengths;
  const members = Int32Array.from({ length: values.length / dims }, (_, i) => i);
  const whole = { members, lengths: longest(lengths, members) };
  const groups: { group: Group; cut: Cut | undefined }[] = [
    { group: whole, cut: bestCut(whole, lengths, options) },
  ];
  while (groups.length < limit) {
    const gains = groups.map(({ cut }) => cut?.gain ?? 0);
    const best = gains.indexOf(Math.max(...gains));
    const { cut } = groups[best];
    if (cut === undefined) break;
    const parts = cut.parts.map((group) => ({ group, cut: bestCut(group, lengths, options) }));
    groups.splice(best, 1, ...parts);
  }
  return groups.map(({ group }) => group).sort((a, b) => sum(a.lengths) - sum(b.lengths));
}

/** Steps that a group takes when it is padded. */
export function paddedSteps({ members, lengths }: Group): number {
  return members.length * sum(lengths);
}

function bestCut(
  group: Group,
  lengths: Lengths,
  { batchSize, dropLast }: Pick<EpochOptions, 'batchSize' | 'dropLast'>,
): Cut | undefined {
  const { dims } = lengths;
  const count = group.members.length / batchSize;
  const starts = Array.from(
    { length: dropLast ? Math.floor(count) : Math.ceil(count) },
    (_, i) => i * batchSize,
  );
  let best: Cut | undefined;
  for (let d = 0; d < dims; d++) {
    const members = byLength(group.members, lengths, d);
    const batches = starts.map((start, i) =>
      longest(lengths, members.subarray(start, starts[i + 1])),
    );
    // What the batches from each on, and those before it, are padded to.
    const after = batches.toReversed().map(runningMaximum(dims)).toReversed();
    const before = batches.map(runningMaximum(dims));
    for (let i = 1; i < starts.length; i++) {
      const parts: [Group, Group] = [
        { members: members.subarray(0, starts[i]), lengths: before[i - 1] },
        { members: members.subarray(starts[i]), lengths: after[i] },
      ];
      const gain = paddedSteps(group) - paddedSteps(parts[0]) - paddedSteps(parts[1]);
      if (gain > (best?.gain ?? 0)) best = { gain, parts };
    }
  }
  return best;
}

/** The members from short to long; those of one length stay in their order. */
function byLength(members: Int32Array, { values, dims }: Lengths, d: number): Int32Array {
  const { length } = members;
  // Numbers that sort natively, many times as fast as by a comparison.
  const keys = Float64Array.from(members, (member, i) => values[member * dims + d] * length + i);
  return Int32Array.from(keys.sort(), (key) => members[key % length]);
}

/** Maps lists of lengths to the largest of all so far. */
function runningMaximum(dims: number): (lengths: readonly number[]) => number[] {
  let largest = new Array<number>(dims).fill(0);
  return (lengths) => (largest = lengths.map((length, d) => Math.max(length, largest[d])));
}

function longest({ values, dims }: Lengths, members: Int32Array): number[] {
  const largest = new Array<number>(dims).fill(0);
  for (const member of members) {
    for (let d = 0; d < dims; d++) largest[d] = Math.max(largest[d], values[member * dims + d]);
  }
  return largest;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
