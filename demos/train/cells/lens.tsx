import { background } from './palette';
import { characters, fullColour, isGate, position, values } from './store';

/** Characters in sight, and the width of each; the drawing's own units. */
const [COUNT, STEP, HEIGHT] = [48, 12, 56];

/** The characters around the chosen one, each with its value as a bar above it. */
export function Lens() {
  const all = characters.value;
  const shown = values.value;
  const bound = fullColour.value(shown);
  const first = Math.max(0, Math.min(position.value - COUNT / 2, all.length - COUNT));
  const zero = isGate.value ? HEIGHT : HEIGHT / 2;
  return (
    <svg class="lens" viewBox={`0 0 ${COUNT * STEP} ${HEIGHT + 16}`} aria-hidden="true">
      <line x1={0} x2={COUNT * STEP} y1={zero} y2={zero} />
      {all.slice(first, first + COUNT).map((character, i) => {
        const strength = shown[first + i] / bound;
        const height = Math.abs(strength) * zero;
        return (
          <g key={i} class={first + i === position.value ? 'here' : undefined}>
            <rect class="column" x={i * STEP} y={0} width={STEP} height={HEIGHT + 16} />
            <rect
              x={i * STEP + 1}
              y={strength < 0 ? zero : zero - height}
              width={STEP - 2}
              height={height}
              style={{ fill: background(Math.sign(strength)) }}
            />
            <text x={(i + 0.5) * STEP} y={HEIGHT + 12}>
              {character === '\n' ? '↵' : character}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
