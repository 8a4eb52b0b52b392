/** What the CTC shader keeps of each sequence stays in that sequence's part of scratch memory. */
import { expect, test } from 'vitest';

import { write } from '../../../src/backend/kernel';
import type { Kernel } from '../../../src/backend/kernel';
import { ctc, ctcScratch } from '../../../src/kernels/ctc';
import { gpu, numbers, runOn } from './harness';

const [TIME, BATCH, CLASSES, LABELS] = [12, 3, 4, 6];
const LONGEST = 2;
/** Facts of a sequence, and three numbers for each label: as in the shader. */
const FACTS = 9;
const KEPT = FACTS + 3 * LONGEST;
/** Two rows of alpha. */
const ALPHA = 2 * (2 * LONGEST + 1);

/** The kernel with its scratch memory as a binding, to be read back; for the GPU. */
const bindings = { ...ctc.bindings, scratch: write } as const;
const watched: Kernel<typeof bindings, typeof ctc.params> = {
  ...{ ...ctc, scratch: undefined },
  bindings,
};

test('a target longer than `longest` has no path, and writes nothing where others keep theirs', async () => {
  // Without a gradient: what overlaps links lists in circles, and the GPU would hang instead of failing.
  const p = {
    ...{ time: TIME, batch: BATCH, classes: CLASSES, labels: LABELS, longest: LONGEST },
    ...{ concatenated: 0, blank: 0, gradients: 0, from_log_probs: 0, divide: 0 },
    ...{ scale: 1, infeasible: 7, first: 0 },
  };
  const floats = ctcScratch(p);
  const run = (...lengths: number[]) =>
    runOn(gpu, watched, p, {
      logits: numbers(TIME * BATCH * CLASSES, -4, 4),
      targets: Int32Array.from({ length: BATCH * LABELS }, (_, i) => 1 + (i % 3)),
      input_lengths: new Int32Array(BATCH).fill(TIME),
      target_lengths: Int32Array.from(lengths),
      ...{ loss: BATCH, dlogits: 0, scratch: floats },
    });
  // The host never asks for the first and the last.
  const { loss, scratch } = await run(6, 2, 5);
  const allowed = await run(1, 2, 1);
  expect([...loss.subarray(0, BATCH)]).toEqual([7, allowed.loss[1], 7]);

  const untouched = scratch.at(-1)!; // of the margin
  const parts = (
    b: number,
    from = scratch,
  ): [facts: number[], labels: number[], alpha: number[]] => {
    const facts = TIME * BATCH + b * KEPT;
    const alpha = TIME * BATCH + BATCH * KEPT + b * ALPHA;
    const between = (begin: number, end: number): number[] => [...from.subarray(begin, end)];
    return [
      between(facts, facts + FACTS),
      between(facts + FACTS, facts + KEPT),
      between(alpha, alpha + ALPHA),
    ];
  };
  expect(parts(1)).toEqual(parts(1, allowed.scratch));
  for (const [, labels, alpha] of [parts(0), parts(2)]) {
    expect(new Set([...labels, ...alpha])).toEqual(new Set([untouched]));
  }
  expect(new Set(scratch.subarray(floats))).toEqual(new Set([untouched]));
});
