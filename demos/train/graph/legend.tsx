import { KINDS } from './words';

/** What the boxes and lines are. */
export function Legend() {
  return (
    <ul class="graph-legend" aria-label="Legend">
      {Object.entries(KINDS).map(([name, title]) => (
        <li key={name}>
          <svg width="22" height="14" aria-hidden="true">
            <g class={`graph-box ${name}`}>
              <rect
                x="1"
                y="1"
                width="20"
                height="12"
                rx={name === 'parameter' || name === 'input' ? 6 : 2}
              />
            </g>
          </svg>
          {title}
        </li>
      ))}
      <li>
        <svg width="22" height="14" aria-hidden="true">
          <path class="graph-route shared" d="M0 7H22" />
        </svg>
        A weight that several operations share
      </li>
    </ul>
  );
}
