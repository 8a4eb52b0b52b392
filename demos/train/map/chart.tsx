import { signal } from '@preact/signals';

import { nats } from '../../shared/format';
import { narrow } from '../../shared/narrow';
import { nameOf, placed, titleOf } from './store';
import type { Placed } from './store';

/** The drawing's own units, on a wide page and on a narrow one. */
const SIZES = [
  [640, 420],
  [340, 300],
] as const;
/** The space about it that is left for points and labels. */
const MARGIN = 18;
/** Colours of runs, in their order; more runs begin again. */
const COLOURS = ['--accent', '--run-1', '--run-2', '--run-3', '--run-4', '--run-5'];

/** The point under the pointer or with the focus. */
const pointed = signal<Placed | null>(null);

/** The models at their places. */
export function Chart() {
  const points = placed.value;
  const size = SIZES[narrow.value ? 1 : 0];
  const at = scaled(points, size);
  const runs = [...new Set(points.map(({ run }) => run))].filter((run) => run !== 'ngrams');
  const colourOf = (run: string) => `var(${COLOURS[runs.indexOf(run) % COLOURS.length]})`;
  return (
    <figure class="map-chart">
      <svg
        viewBox={`0 0 ${size.join(' ')}`}
        role="img"
        aria-label={`${points.length} models; near ones predict alike`}
        onPointerLeave={() => (pointed.value = null)}
      >
        {runs.map((run) => (
          <g key={run} style={{ color: colourOf(run) }}>
            <path d={`M${placesOf(points, run).map(at).join(' L')}`} />
            {placesOf(points, run).map((point, i, all) => (
              <circle
                key={point.at}
                cx={at(point)[0]}
                cy={at(point)[1]}
                r={4 + (5 * (i + 1)) / all.length}
                onPointerEnter={() => (pointed.value = point)}
              >
                <title>{label(point)}</title>
              </circle>
            ))}
          </g>
        ))}
        {placesOf(points, 'ngrams').map((point) => {
          const [x, y] = at(point);
          return (
            <g key={point.at} class="ngram" onPointerEnter={() => (pointed.value = point)}>
              <path d={`M${x} ${y - 8} l8 8 l-8 8 l-8 -8 z`} />
              <text x={x} y={y + 4}>
                {point.at}
              </text>
              <title>{label(point)}</title>
            </g>
          );
        })}
      </svg>
      <figcaption>
        <span class="map-key">
          <span class="ngram-key">n</span> n-gram of order n
        </span>
        {runs.map((run) => (
          <span key={run} class="map-key">
            <span class="run-key" style={{ background: colourOf(run) }} /> {titleOf(run)}
          </span>
        ))}
      </figcaption>
      <p class="map-pointed" aria-live="polite">
        {pointed.value ? label(pointed.value) : ' '}
      </p>
    </figure>
  );
}

function label(point: Placed): string {
  return `${nameOf(point)}: loss ${nats(point.loss)}`;
}

const placesOf = (points: readonly Placed[], run: string): readonly Placed[] =>
  points.filter((point) => point.run === run);

/** From places to the drawing: as large as it holds, by the same factor in both directions. */
function scaled(
  points: readonly Placed[],
  [width, height]: readonly [number, number],
): (point: Placed) => [x: number, y: number] {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const middle = (all: number[]) => (Math.min(...all) + Math.max(...all)) / 2;
  const reach = (all: number[]) => Math.max(...all) - Math.min(...all) || 1;
  const factor = Math.min((width - 2 * MARGIN) / reach(xs), (height - 2 * MARGIN) / reach(ys));
  const [mx, my] = [middle(xs), middle(ys)];
  return ({ x, y }) => [
    Math.round(width / 2 + factor * (x - mx)),
    Math.round(height / 2 - factor * (y - my)),
  ];
}
