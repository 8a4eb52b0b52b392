import { computed, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { BOX } from './layout';
import { Legend } from './legend';
import type { Box, Drawing as Layout, Route } from './layout';
import { chosen, drawn, noRun, selected } from './store';
import { kindOf, labelOf, subtitleOf, titleOf } from './words';

const ZOOMS = [0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.6, 2] as const;
/** As chosen: at first so large that every word can be read; null for all of it. */
const chosenZoom = signal<number | null>(1);
/** Pixels that there are for the graph. */
const room = signal({ width: 0, height: 0 });

const zoom = computed(() => {
  const { width, height } = drawn.value ?? { width: 1, height: 1 };
  const fitting = Math.min(room.value.width / width, room.value.height / height);
  return chosenZoom.value ?? Math.min(1, fitting);
});

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The box next to one in a direction: near, and not far off the line. */
function nextBox(boxes: readonly Box[], from: Box, [dx, dy]: readonly [number, number]): Box {
  let best = from;
  let least = Infinity;
  for (const box of boxes) {
    const [x, y] = [box.x - from.x, box.y - from.y];
    const ahead = x * dx + y * dy;
    if (ahead <= 0) continue;
    const cost = ahead + 2 * Math.abs(x * dy + y * dx);
    if (cost < least) [best, least] = [box, cost];
  }
  return best;
}

/** The box that Tab goes to. */
const entry = computed(() => selected.value ?? drawn.value?.boxes[0] ?? null);

/** What of a tensor's lines the selected box gives or reads. */
function litPath({ from, path, ways }: Route): string | undefined {
  const key = selected.value?.key;
  return from === key ? path : key && ways.get(key);
}

/** The graph as boxes and lines, from left to right. */
export function Drawing() {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const frame = host.current!;
    const resized = new ResizeObserver(() => {
      room.value = { width: frame.offsetWidth, height: frame.offsetHeight };
    });
    resized.observe(frame);
    return () => resized.disconnect();
  }, []);
  const layout = drawn.value;
  const choose = (box: Box) => {
    chosen.value = box.key;
    const element = host.current?.querySelector<SVGGElement>(`[data-key="${CSS.escape(box.key)}"]`);
    element?.focus();
    element?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  return (
    <div class="graph-frame">
      <div class="graph-bar">
        <Zoom />
      </div>
      <div ref={host} class="graph-scroll" aria-busy={layout === null}>
        {layout ? (
          <Picture layout={layout} choose={choose} />
        ) : (
          <p class="chart-empty">
            {noRun.value
              ? 'There is no model of yours yet: Start makes one.'
              : 'The graph appears here.'}
          </p>
        )}
      </div>
      <Legend />
    </div>
  );
}

function Zoom() {
  const step = (by: 1 | -1) => {
    const steps = by > 0 ? ZOOMS : ZOOMS.toReversed();
    chosenZoom.value = steps.find((to) => (to - zoom.value) * by > 1e-6) ?? zoom.value;
  };
  const none = drawn.value === null;
  return (
    <div class="graph-zoom" role="group" aria-label="Zoom">
      <button
        type="button"
        class="small"
        disabled={none}
        aria-label="Smaller"
        onClick={() => step(-1)}
      >
        −
      </button>
      <button
        type="button"
        class="small"
        disabled={none}
        aria-label="Larger"
        onClick={() => step(1)}
      >
        +
      </button>
      <button type="button" class="small" disabled={none} onClick={() => (chosenZoom.value = null)}>
        All
      </button>
      <span class="hint">{Math.round(100 * zoom.value)} %</span>
    </div>
  );
}

function Picture({ layout, choose }: { layout: Layout; choose: (box: Box) => void }) {
  const { boxes, routes, steps, width, height } = layout;
  const move = (event: KeyboardEvent) => {
    const direction = ARROWS[event.key];
    const from = entry.value;
    if (!direction || !from) return;
    event.preventDefault();
    choose(nextBox(boxes, from, direction));
  };
  return (
    <svg
      class={selected.value ? 'graph chosen' : 'graph'}
      role="group"
      aria-label="Computation graph; arrow keys go from box to box"
      viewBox={`0 0 ${width} ${height}`}
      width={width * zoom.value}
      height={height * zoom.value}
      onKeyDown={move}
    >
      {steps.map(({ step, x }) => (
        <text key={x} class="graph-step" x={x} y={16}>
          t = {step}
        </text>
      ))}
      {routes.map((route) => (
        <path key={route.tensor.id} class={routeClass(route)} d={route.path} />
      ))}
      {/* Once more, so that they lie on top. */}
      {routes.map((route) => {
        const path = litPath(route);
        return path && <path key={`lit ${route.tensor.id}`} class="graph-route lit" d={path} />;
      })}
      {boxes.map((box) => (
        <BoxShape key={box.key} box={box} choose={choose} />
      ))}
    </svg>
  );
}

function routeClass({ tensor }: Route): string {
  const shared = tensor.kind === 'parameter' && tensor.users.length > 1;
  return shared ? 'graph-route shared' : 'graph-route';
}

function BoxShape({ box, choose }: { box: Box; choose: (box: Box) => void }) {
  const { key, x, y, operation } = box;
  return (
    <g
      class={`graph-box ${kindOf(box)}`}
      data-key={key}
      data-operation={operation?.name}
      transform={`translate(${x} ${y})`}
      role="button"
      tabindex={entry.value?.key === key ? 0 : -1}
      aria-pressed={selected.value?.key === key}
      aria-label={labelOf(box)}
      onClick={() => choose(box)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        choose(box);
      }}
    >
      <rect width={BOX.width} height={BOX.height} rx={operation ? 4 : BOX.height / 2} />
      <text x={BOX.width / 2} y={17}>
        {titleOf(box)}
      </text>{' '}
      <text class="graph-shape" x={BOX.width / 2} y={33}>
        {subtitleOf(box)}
      </text>
    </g>
  );
}
