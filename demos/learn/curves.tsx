import './curves.css';
import { significant } from '../shared/format';
import { LineChart, stepsTo } from '../shared/line_chart';
import type { ChartLine } from '../shared/line_chart';
import type { Before, Learner } from './learner';
import { wholePercent } from './percent';
import type { LearnReport } from './protocol';

/**
 * The loss of a training, and the figure by which its best model is chosen, beside what the baseline reaches.
 *
 * @param before the training before, as thin lines, and what these are called.
 * @param metric what the figure is called.
 * @param others figures drawn beside it, by their names in the task's evaluation.
 * @param format of these figures, such as a percentage.
 */
export function LearnCurves({
  learner,
  before = null,
  metric,
  others = [],
  format = significant,
}: {
  learner: Pick<Learner<unknown, unknown, unknown>, 'opened' | 'reports' | 'evaluations'>;
  before?: { readonly run: Before<unknown>; readonly name: string } | null;
  metric: string;
  others?: readonly { figure: string; name: string; colour: string }[];
  format?: (value: number) => string;
}) {
  const opened = learner.opened.value ?? before?.run.opened;
  if (!opened) return null;
  const { steps, monitor, baseline } = opened;
  const losses = learner.reports.value;
  const measured = learner.evaluations.value;
  const loss: ChartLine = {
    name: 'loss',
    colour: '--accent',
    points: losses.map(({ step, smoothedLoss }) => ({ x: step, y: smoothedLoss })),
  };
  const all = [{ figure: monitor, name: metric, colour: '--warm' }, ...others];
  const figures = all.map(({ figure, name, colour }): ChartLine => ({
    ...{ name, colour },
    points: measured.map(({ step, metrics }) => ({ x: step, y: metrics![figure] })),
  }));
  const beforeLine = (
    reports: readonly LearnReport[],
    y: (report: LearnReport) => number,
  ): ChartLine[] =>
    // One point is no line, and is not named below the chart either.
    before && reports.length > 1
      ? [
          {
            ...{ name: before.name, colour: '--muted', thin: true },
            points: reports.map((report) => ({ x: report.step, y: y(report) })),
          },
        ]
      : [];
  const earlier = before?.run.reports ?? [];
  const lossBefore = beforeLine(earlier, ({ smoothedLoss }) => smoothedLoss);
  const figureBefore = beforeLine(
    earlier.filter(({ metrics }) => metrics),
    ({ metrics }) => metrics![monitor],
  );
  const end = Math.max(steps, before?.run.opened.steps ?? 0);
  const last = (line: ChartLine): string => {
    const point = line.points.at(-1);
    return point
      ? `${line.name}: ${significant(point.y)} at step ${point.x}`
      : `${line.name}: none yet`;
  };
  const level = baseline.metrics[monitor];
  const levels = level === undefined ? [] : [{ name: baseline.name, y: level }];
  return (
    <div class="learn-curves">
      <LineChart
        label={[loss, ...lossBefore].map(last).join('; ')}
        lines={[...lossBefore, loss]}
        end={end}
        axis={stepsTo(end)}
        format={significant}
      />
      <LineChart
        label={[...figures, ...figureBefore].map(last).join('; ')}
        lines={[...figureBefore, ...figures]}
        levels={levels}
        range={format === wholePercent ? [0, 1] : []}
        end={end}
        axis={stepsTo(end)}
        format={format}
      />
    </div>
  );
}
