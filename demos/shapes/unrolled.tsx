import { useState } from 'preact/hooks';

import type { Gradients } from '../learn/protocol';
import { GradientFlow } from './gradient_flow';
import { attentionArc, feedingPath, layoutOf, readingPath, TALL } from './layout';
import type { Layout } from './layout';
import { readsBack } from './picture';
import type { Column, Picture, Shapes } from './picture';
import { PixelSquare } from './pixel_square';
import { Strip } from './strip';

/** Attention below this is not drawn. */
const FAINT = 0.03;

type Kind = 'input' | 'state' | 'output';

function Box({
  kind,
  column,
  text = '',
  hatched = false,
  layout: { middle, width, rows },
}: {
  kind: Kind;
  column: number;
  text?: string;
  hatched?: boolean;
  layout: Layout;
}) {
  const { y, tall } = rows[kind];
  const x = middle(column);
  return (
    <g class={`box ${kind}`}>
      <rect x={x - width / 2} y={y - tall / 2} width={width} height={tall} rx="4" />
      {hatched && (
        <rect
          class="hatched"
          x={x - width / 2}
          y={y - tall / 2}
          width={width}
          height={tall}
          rx="4"
        />
      )}
      <text x={x} y={y} textLength={7.5 * text.length > width ? width - 4 : undefined}>
        {text}
      </text>
    </g>
  );
}

/** As large at the end of any line. */
function Arrowhead({ id }: { id: string }) {
  return (
    <marker
      id={id}
      viewBox="0 0 6 6"
      refX="5"
      refY="3"
      markerUnits="userSpaceOnUse"
      markerWidth="7.5"
      markerHeight="7.5"
      orient="auto"
    >
      <path d="M0 0L6 3L0 6z" />
    </marker>
  );
}

/** From the edge of one box to that of another. */
function Arrow({ from, to }: { from: readonly [number, number]; to: readonly [number, number] }) {
  return (
    <path class="flow" d={`M${from.join(' ')}L${to.join(' ')}`} marker-end="url(#arrowhead)" />
  );
}

/**
 * A picture of boxes and arrows, as the lectures draw them: inputs at the bottom, states in the middle, outputs
 * at the top.
 *
 * @param label what it shows, for who cannot see it.
 * @param shapes of the tensors, written beside the rows.
 * @param gradient draws it from the outputs back to the inputs: how large it is, or the way alone.
 */
export function Unrolled({
  picture,
  label,
  shapes,
  gradient,
  of = 0,
}: {
  picture: Picture;
  label: string;
  shapes?: Shapes;
  gradient?: Gradients | 'way';
  /** The output whose gradient it is, by its place among the outputs. */
  of?: number;
}) {
  const [chosen, choose] = useState<number | null>(null);
  const { columns, recurrence, decoder, attention } = picture;
  const layout = layoutOf(columns);
  const { middle, rows } = layout;
  const side = layout.width / 2;
  const width = layout.total;
  const top = rows.state.y - TALL / 2;
  const bottom = rows.state.y + TALL / 2;
  const above = rows.output.y + TALL / 2;
  const below = rows.input.y - rows.input.tall / 2;
  const steps = columns.slice(1).map((_, i) => i);
  return (
    <div class="unrolled">
      {shapes && (
        <dl class="tensor-shapes">
          {(['output', 'state', 'input'] as const).map((kind) => (
            <div key={kind} class={kind}>
              <dt>{kind}</dt>
              <dd>{shapes[kind]}</dd>
            </div>
          ))}
        </dl>
      )}
      {shapes && <p class="note">batch: how many inputs are read at once; here it is 1.</p>}
      <Strip end={answeredAtEnd(columns)}>
        <svg
          style={{ '--width': `${width}px` }}
          viewBox={`0 0 ${width} ${layout.height}`}
          role="img"
          aria-label={label}
        >
          <defs>
            <Arrowhead id="arrowhead" />
            <Arrowhead id="gradienthead" />
            <pattern
              id="hatching"
              width="6"
              height="6"
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)"
            >
              <path d="M1 0V6" />
            </pattern>
          </defs>
          {(gradient ? undefined : attention)?.map((weights, row) =>
            weights.map((weight, from) => {
              const to = (decoder ?? 0) + row;
              if (weight < FAINT || (chosen !== null && chosen !== to)) return null;
              return (
                <path
                  key={`${row} ${from}`}
                  class="attention"
                  style={{
                    opacity: Math.min(1, weight).toFixed(2),
                    strokeWidth: (0.5 + 2.5 * weight).toFixed(2),
                  }}
                  d={attentionArc(layout, from, to)}
                />
              );
            }),
          )}
          {decoder !== undefined &&
            steps
              .filter((i) => i >= decoder)
              .map((i) => (
                <path
                  key={i}
                  class="flow"
                  d={feedingPath(layout, i)}
                  marker-end="url(#arrowhead)"
                />
              ))}
          {picture.reads?.map((from) => (
            <path
              key={from}
              class="flow"
              d={readingPath(layout, from, columns.length - 1)}
              marker-end="url(#arrowhead)"
            />
          ))}
          {columns.map(({ input, unknown, pixels, output, meaning, sure, moved }, i) => (
            <g
              key={i}
              class={i === chosen ? 'column chosen' : 'column'}
              onPointerEnter={() => choose(i)}
              onPointerLeave={() => choose(null)}
            >
              {input !== undefined && (
                <>
                  <Arrow from={[middle(i), below]} to={[middle(i), bottom]} />
                  {moved !== undefined && (
                    <rect
                      class="moved"
                      x={middle(i) - side}
                      y={rows.input.y + rows.input.tall / 2 + 3}
                      width={layout.width * moved}
                      height="5"
                    />
                  )}
                  <Box kind="input" column={i} text={input} hatched={unknown} layout={layout} />
                  {pixels && <PixelSquare pixels={pixels} x={middle(i)} y={rows.input.y} />}
                </>
              )}
              <Box kind="state" column={i} layout={layout} />
              {output !== undefined && (
                <g
                  style={
                    sure === undefined ? undefined : { opacity: (0.35 + 0.65 * sure).toFixed(2) }
                  }
                >
                  <Arrow from={[middle(i), top]} to={[middle(i), above]} />
                  {meaning !== undefined && <title>{meaning}</title>}
                  <Box kind="output" column={i} text={output} layout={layout} />
                </g>
              )}
            </g>
          ))}
          {recurrence !== 'none' &&
            steps.map((i) => {
              const [left, right] = [middle(i) + side, middle(i + 1) - side];
              const back = readsBack(picture, i);
              return (
                <g key={i} class={i + 1 === decoder ? 'handed' : undefined}>
                  <Arrow
                    from={[left, rows.state.y - (back ? 5 : 0)]}
                    to={[right, rows.state.y - (back ? 5 : 0)]}
                  />
                  {back && <Arrow from={[right, rows.state.y + 5]} to={[left, rows.state.y + 5]} />}
                </g>
              );
            })}
          {gradient && (
            <GradientFlow
              picture={picture}
              layout={layout}
              gradients={gradient === 'way' ? undefined : gradient}
              of={of}
            />
          )}
        </svg>
      </Strip>
    </div>
  );
}

/** The input, once an answer stands behind it that does not begin with it; else null. */
function answeredAtEnd(columns: readonly Column[]): string | null {
  const answered = columns.some(({ output }) => output);
  if (!answered || columns[0].output !== undefined) return null;
  return columns.map(({ input }) => input ?? '').join(' ');
}
