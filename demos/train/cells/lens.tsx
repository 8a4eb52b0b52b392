import { signOf } from '../../shared/format';
import { narrow } from '../../shared/narrow';
import { background } from './palette';
import { characters, fullColour, isGate, look, position, values } from './store';

/** Characters in sight, wide and narrow. */
const COUNTS = [48, 24] as const;
/** The width of each, the height of a bar and of a line of letters; the drawing's own units. */
const [STEP, HEIGHT, LINE] = [12, 44, 13];
/** What the model expected, most likely first. */
const GUESSES = 5;

/** The characters around the chosen one: above each its value as a bar, below it what was expected. */
export function Lens() {
  const all = characters.value;
  const shown = values.value;
  const bound = fullColour.value(shown);
  const count = COUNTS[narrow.value ? 1 : 0];
  const first = Math.max(0, Math.min(position.value - count / 2, all.length - count));
  const zero = isGate.value ? HEIGHT : HEIGHT / 2;
  const height = HEIGHT + LINE * (GUESSES + 1) + 8;
  return (
    <figure class="lens">
      <figcaption>
        The characters around it, and below each the five that the model expected most before it
        read it: the stronger the colour, the likelier.
      </figcaption>
      <svg viewBox={`0 0 ${count * STEP} ${height}`} aria-hidden="true">
        <line x1={0} x2={count * STEP} y1={zero} y2={zero} />
        {all.slice(first, first + count).map((character, i) => (
          <g key={i} class={first + i === position.value ? 'here' : undefined}>
            <rect class="column" x={i * STEP} y={0} width={STEP} height={height} />
            <Bar x={i * STEP} zero={zero} strength={shown[first + i] / bound} />
            <text x={(i + 0.5) * STEP} y={HEIGHT + 12}>
              {character === ' ' ? '' : signOf(character)}
            </text>
            <Guesses x={(i + 0.5) * STEP} at={first + i} character={character} />
          </g>
        ))}
      </svg>
    </figure>
  );
}

function Bar({ x, zero, strength }: { x: number; zero: number; strength: number }) {
  const height = Math.abs(strength) * zero;
  return (
    <rect
      x={x + 1}
      y={strength < 0 ? zero : zero - height}
      width={STEP - 2}
      height={height}
      style={{ fill: background(Math.sign(strength)) || 'none' }}
    />
  );
}

function Guesses({ x, at, character }: { x: number; at: number; character: string }) {
  const guess = look.value?.guesses[at];
  return (
    <>
      {guess?.likeliest.map(([other, probability], k) => (
        <g key={k} class={other === character ? 'guess right' : 'guess'}>
          <rect
            x={x - STEP / 2}
            y={HEIGHT + 18 + k * LINE}
            width={STEP}
            height={LINE}
            style={{ fill: background(probability) || 'none' }}
          />
          <text x={x} y={HEIGHT + 28 + k * LINE}>
            {signOf(other)}
          </text>
        </g>
      ))}
    </>
  );
}
