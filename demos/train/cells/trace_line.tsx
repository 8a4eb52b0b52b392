import { characters, pickPosition, position } from './store';

/** Height of the drawing in units of its own, and the space above and below the line. */
const [HEIGHT, SPACE] = [100, 4];

interface TraceLineProps {
  name: string;
  values: ArrayLike<number>;
  low: number;
  high: number;
  /** `unit` or `probe`: the colour of the line. */
  kind: 'unit' | 'probe';
}

/** Values over the text, as a line; the position chosen is marked, and chosen by the pointer. */
export function TraceLine({ name, values, low, high, kind }: TraceLineProps) {
  const count = values.length;
  const y = (value: number): number =>
    SPACE + ((high - value) / (high - low)) * (HEIGHT - 2 * SPACE);
  // Levels rather than slopes: a value stays until the next character.
  const path = Array.from(
    values,
    (value, t) => `${t === 0 ? 'M0' : 'H' + t} ${t === 0 ? y(value) : 'V' + y(value).toFixed(2)}`,
  ).join(' ');
  return (
    <figure class={`trace ${kind}`}>
      <figcaption>
        <span>{name}</span>
        <span class="extent">
          {format(low)} to {format(high)}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${Math.max(count, 1)} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name}, over ${count} characters`}
        onPointerMove={({ currentTarget, clientX }) => {
          const { left, width } = currentTarget.getBoundingClientRect();
          pickPosition(Math.floor(((clientX - left) / width) * characters.value.length));
        }}
      >
        {low < 0 && high > 0 && <line class="zero" x1={0} x2={count} y1={y(0)} y2={y(0)} />}
        <path d={`${path} H${count}`} />
        <Marker />
      </svg>
    </figure>
  );
}

/** By itself, so that the line is not drawn anew wherever the pointer goes. */
function Marker() {
  const at = position.value + 0.5;
  return <line class="marker" x1={at} x2={at} y1={0} y2={HEIGHT} />;
}

/** Of a scale: few digits. */
function format(value: number): string {
  return String(Number(value.toPrecision(2))).replace('-', '−');
}
