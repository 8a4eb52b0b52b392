/** The curves of a training beside those of the one before. */
import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { expect, test } from 'vitest';

import { LearnCurves } from '../../demos/learn/curves';
import type { LearnReport, Opened } from '../../demos/learn/protocol';
import type { ChartLine } from '../../demos/shared/line_chart';

const opened = {
  steps: 100,
  monitor: 'accuracy',
  baseline: { name: 'chance', metrics: { accuracy: 0.5 } },
} as unknown as Opened;

/** The names below each chart, of a training before that was measured `evaluations` times in five reports. */
function names(evaluations: number): string[][] {
  const reports = Array.from({ length: 5 }, (_, i) => ({
    step: i + 1,
    smoothedLoss: 1,
    ...(i < evaluations && { metrics: { accuracy: 0.6 } }),
  })) as unknown as LearnReport[];
  const tree = LearnCurves({
    learner: { opened: signal(opened), reports: signal([]), evaluations: signal([]) },
    before: { run: { step: 5, opened, reports, settings: null }, name: 'before' },
    metric: 'right',
  })!;
  const { children } = tree.props as unknown as { children: VNode<{ lines: ChartLine[] }>[] };
  return children.map(({ props }) => props.lines.map(({ name }) => name));
}

test('the training before is named in a chart that has a line of it', () => {
  expect(names(2)).toEqual([
    ['before', 'loss'],
    ['before', 'right'],
  ]);
  for (const few of [0, 1]) {
    expect(names(few)).toEqual([['before', 'loss'], ['right']]);
  }
});
