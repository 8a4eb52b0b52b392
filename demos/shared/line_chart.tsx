import './line_chart.css';

/** A line of a chart. */
export interface ChartLine {
  name: string;
  /** A colour of the style sheet, such as `--accent`. */
  colour: string;
  /** One to compare with. */
  thin?: boolean;
  points: readonly { x: number; y: number }[];
}

/** A value that does not change, such as a baseline's. */
export interface ChartLevel {
  name: string;
  y: number;
}

export const stepsTo = (end: number): string => `step 0 to ${end.toLocaleString('en')}`;

/** Fractions of the height left free above and below the lines. */
const ROOM = 0.06;

/**
 * Lines over a common x from 0 to `end`, as a picture that scales with its place; levels are dashed, and
 * named below it.
 *
 * @param label what it shows now, for who cannot see it.
 */
export function LineChart({
  label,
  lines,
  levels = [],
  range = [],
  end,
  axis,
  format,
}: {
  label: string;
  lines: readonly ChartLine[];
  levels?: readonly ChartLevel[];
  /** Values that are in sight whatever the lines do, so that the scale rests. */
  range?: readonly number[];
  end: number;
  /** What x is, from where to where, such as `step 0 to 300`. */
  axis: string;
  format: (y: number) => string;
}) {
  const all = [...lines.flatMap(({ points }) => points), ...levels].map(({ y }) => y);
  const { least, most, ticks } = axisOf([...all.filter(Number.isFinite), ...range]);
  const left = (x: number): number => (100 * x) / Math.max(end, 1);
  const top = (y: number): number => (100 * (most - y)) / (most - least);
  return (
    <figure class="line-chart">
      <div class="plot" role="img" aria-label={label}>
        <svg viewBox="0 0 100 100" preserveAspectRatio="none">
          {ticks.map((y) => (
            <path key={y} class="grid" d={`M0 ${top(y)}H100`} />
          ))}
          {levels.map(({ name, y }) => (
            <path key={name} class="level" d={`M0 ${top(y)}H100`} />
          ))}
          {lines.map(({ name, colour, thin, points }) => (
            <path
              key={name}
              class={thin ? 'thin' : undefined}
              style={{ stroke: `var(${colour})` }}
              d={points
                .filter(({ y }) => Number.isFinite(y))
                .map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${left(x)} ${top(y)}`)
                .join('')}
            />
          ))}
        </svg>
        {ticks.map((y) => (
          <span key={y} class="tick" style={{ top: `${top(y)}%` }}>
            {format(y)}
          </span>
        ))}
      </div>
      <figcaption>
        {lines.map(({ name, colour, thin }) => (
          <span
            key={name}
            class={thin ? 'key thin-key' : 'key'}
            style={{ '--key': `var(${colour})` }}
          >
            {name}
          </span>
        ))}
        {levels.map(({ name, y }) => (
          <span key={name} class="key level-key">
            {name} {format(y)}
          </span>
        ))}
        <span class="end">{axis}</span>
      </figcaption>
    </figure>
  );
}

/** A range that holds all values, and three to eight round numbers in it. */
export function axisOf(values: readonly number[]): {
  least: number;
  most: number;
  ticks: number[];
} {
  let [least, most] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0) [least, most] = [0, 1];
  // One value alone, such as a baseline before the first measurement, stands half way above 0.
  if (most === least) [least, most] = [Math.min(0, 2 * least), Math.max(0, 2 * most)];
  const room = ROOM * (most - least || Math.abs(most) || 1);
  // Nothing that is drawn here goes below 0 where its values do not.
  least = least >= 0 ? Math.max(0, least - room) : least - room;
  most += room;
  const widest = (most - least) / 3;
  const power = 10 ** Math.floor(Math.log10(widest));
  const step = [5, 2].map((by) => by * power).find((size) => size <= widest) ?? power;
  const first = Math.ceil(least / step);
  const count = Math.floor(most / step) - first + 1;
  return { least, most, ticks: Array.from({ length: count }, (_, i) => (first + i) * step) };
}
