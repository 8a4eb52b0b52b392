import type { Gradients } from '../learn/protocol';
import { attentionArc, TALL } from './layout';
import type { Layout } from './layout';
import { readsBack } from './picture';
import type { Picture } from './picture';
import { significant } from '../shared/format';

/** Powers of ten below the largest norm at which an arrow is as faint as it gets. */
const DECADES = 4;
/** Beside the arrows that carry values. */
const ASIDE = 8;

/** How strongly an arrow is drawn, from 0 to 1. */
export const strength = (norm: number, largest: number): number =>
  norm > 0 ? Math.max(0, 1 + Math.log10(norm / largest) / DECADES) : 0;

export const largestOf = (gradients: Gradients): number =>
  Math.max(...Object.values(gradients).flat(), Number.MIN_VALUE);

/**
 * The way of the gradient: down from the outputs, back through the states, and out at the inputs.
 *
 * @param gradients how much goes along each arrow; without, all are drawn alike.
 */
export function GradientFlow({
  picture,
  layout,
  gradients,
  of,
}: {
  picture: Picture;
  layout: Layout;
  gradients?: Gradients;
  /** The output whose gradient it is, by its place among the outputs. */
  of: number;
}) {
  const { columns, recurrence, decoder, attention } = picture;
  const { middle, rows } = layout;
  const side = layout.width / 2;
  const top = rows.state.y - TALL / 2;
  const above = rows.output.y + TALL / 2;
  const last = columns.findLastIndex(({ output }) => output !== undefined);
  const largest = gradients ? largestOf(gradients) : 1;
  const arrow = (key: string, d: string, norm: number | undefined) => (
    <Flow key={key} d={d} norm={norm} share={norm === undefined ? 1 : strength(norm, largest)} />
  );
  return (
    <g class="gradient">
      {columns.map(({ input, output }, i) => {
        const x = middle(i);
        // Attention, and an answer made of several states, lead up from one that has no output of its own.
        const up = gradients?.up[i];
        const read = recurrence === 'both' || i <= last;
        // Each beside the arrow whose values it is of, the other way.
        const bothWays = readsBack(picture, i);
        return (
          <g key={i}>
            {output !== undefined && arrow('up', `M${x + ASIDE} ${above}V${top}`, up)}
            {output === undefined &&
              up !== undefined &&
              up > 0 &&
              arrow(
                'look',
                attention && decoder !== undefined
                  ? attentionArc(layout, decoder + of, i)
                  : `M${middle(last) - side} ${rows.output.y + ASIDE}H${x + ASIDE}V${top}`,
                up,
              )}
            {recurrence !== 'none' &&
              i < last &&
              arrow(
                'ahead',
                `M${middle(i + 1) - side} ${rows.state.y + (bothWays ? -10 : 9)}H${x + side}`,
                gradients?.ahead[i],
              )}
            {gradients &&
              i > 0 &&
              readsBack(picture, i - 1) &&
              arrow(
                'back',
                `M${middle(i - 1) + side} ${rows.state.y + 10}H${x - side}`,
                gradients.back[i],
              )}
            {input !== undefined &&
              read &&
              arrow(
                'into',
                `M${x + ASIDE} ${rows.state.y + TALL / 2}V${rows.input.y - rows.input.tall / 2}`,
                gradients?.into[i],
              )}
          </g>
        );
      })}
    </g>
  );
}

function Flow({ d, norm, share }: { d: string; norm: number | undefined; share: number }) {
  const drawn = norm === undefined ? undefined : { strokeWidth: 0.5 + 4 * share, opacity: share };
  return (
    <path d={d} style={drawn} marker-end="url(#gradienthead)">
      {norm !== undefined && <title>{significant(norm)}</title>}
    </path>
  );
}
