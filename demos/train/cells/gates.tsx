import { signal } from '@preact/signals';
import { useId } from 'preact/hooks';

import type { Saturation } from '../../../src/inspect/index';
import { percent } from '../../shared/format';
import { layer, MEANINGS, pickUnit, saturation, trace, unit } from './store';

/** `Input gate` */
function titleOf(gate: string): string {
  const meaning = Object.hasOwn(MEANINGS, gate)
    ? MEANINGS[gate].replace('the ', '')
    : `gate ${gate}`;
  return meaning[0].toUpperCase() + meaning.slice(1);
}

/** The unit under the pointer. */
const hovered = signal<number | null>(null);

function gatesOf(): [gate: string, Saturation][] {
  return Object.entries(saturation.value);
}

/** How often the gates are shut or open, a point for each unit. */
export function Gates() {
  const id = useId();
  const gates = gatesOf();
  return (
    <section class="panel" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Gates of layer {layer.value + 1}</h2>
      {gates.length === 0 ? (
        <p class="nothing">This cell has no gates that open and shut, or keeps them to itself.</p>
      ) : (
        <>
          <p class="hint">
            A point for each unit: how much of the text its gate is shut (below 0.1), and how much
            open (above 0.9). Click a point to choose its unit.
          </p>
          <div class="scatters">
            {gates.map(([gate, shares]) => (
              <Scatter key={gate} gate={gate} {...shares} />
            ))}
          </div>
          <Shares />
        </>
      )}
    </section>
  );
}

/** The numbers of one unit: the one under the pointer, or else the one chosen. */
function Shares() {
  const shown = Math.min(hovered.value ?? unit.value, (trace.value?.hidden ?? 1) - 1);
  return (
    <p class="saturated" data-figure="saturation">
      <b>Unit {shown}</b>
      {gatesOf().map(([gate, { left, right }]) => (
        <span key={gate}>
          {titleOf(gate)}: shut {percent(left[shown])}, open {percent(right[shown])}
        </span>
      ))}
    </p>
  );
}

/** Of the drawing; its square begins at the first and is as wide as the second. */
const [MARGIN, SIZE] = [26, 100];

const x = (share: number): number => MARGIN + share * SIZE;
const y = (share: number): number => 4 + (1 - share) * SIZE;

function Scatter({ gate, left, right }: { gate: string } & Saturation) {
  return (
    <figure class="scatter">
      <figcaption>
        {titleOf(gate)}, {gate}
      </figcaption>
      <svg
        viewBox={`0 0 ${MARGIN + SIZE + 6} ${SIZE + 30}`}
        role="img"
        aria-label={`${titleOf(gate)}: share of the text at which each of ${left.length} units is shut, and open`}
        onPointerLeave={() => (hovered.value = null)}
      >
        <path class="frame" d={`M${x(0)} ${y(1)} V${y(0)} H${x(1)}`} />
        <path class="bound" d={`M${x(0)} ${y(1)} L${x(1)} ${y(0)}`} />
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <text class="x" x={x(share)} y={y(0) + 10}>
              {share}
            </text>
            <text class="y" x={x(0) - 4} y={y(share) + 3}>
              {share}
            </text>
          </g>
        ))}
        <text class="x" x={x(0.5)} y={y(0) + 22}>
          share shut
        </text>
        <text class="x" transform={`translate(8 ${y(0.5)}) rotate(-90)`}>
          share open
        </text>
        {Array.from(left, (share, j) => (
          <circle
            key={j}
            cx={x(share)}
            cy={y(right[j])}
            r={2}
            onPointerEnter={() => (hovered.value = j)}
            onClick={() => pickUnit(j)}
          >
            <title>Unit {j}</title>
          </circle>
        ))}
        <Chosen left={left} right={right} />
      </svg>
    </figure>
  );
}

/** A ring about the point of the unit chosen. */
function Chosen({ left, right }: Saturation) {
  return <circle class="chosen" cx={x(left[unit.value])} cy={y(right[unit.value])} r={4} />;
}
