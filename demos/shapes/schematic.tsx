import type { Picture } from './picture';

/** A picture small and without words, to choose by. */
export function Schematic({ picture: { columns, recurrence, decoder } }: { picture: Picture }) {
  const [wide, tall] = [16, 44];
  const x = (i: number): number => i * wide + wide / 2;
  const width = columns.length * wide;
  return (
    <svg
      class="schematic"
      width={width}
      height={tall}
      viewBox={`0 0 ${width} ${tall}`}
      aria-hidden="true"
    >
      {columns.map(({ input, output }, i) => (
        <g key={i}>
          {input !== undefined && <path class="flow" d={`M${x(i)} 36V26`} />}
          {output !== undefined && <path class="flow" d={`M${x(i)} 18V8`} />}
          {recurrence !== 'none' && i > 0 && <path class="flow" d={`M${x(i - 1)} 22H${x(i)}`} />}
          {input !== undefined && (
            <rect class="input" x={x(i) - 5} y="34" width="10" height="8" rx="1.5" />
          )}
          <rect
            class={decoder !== undefined && i >= decoder ? 'state decoder' : 'state'}
            x={x(i) - 5}
            y="18"
            width="10"
            height="8"
            rx="1.5"
          />
          {output !== undefined && (
            <rect class="output" x={x(i) - 5} y="2" width="10" height="8" rx="1.5" />
          )}
        </g>
      ))}
    </svg>
  );
}
