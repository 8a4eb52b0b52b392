import { useMemo } from 'preact/hooks';

import { PIXELS_TALL } from './layout';

/** Around the square, in the box. */
const FRAME = 4;

/**
 * A square of grey pixels in a box of an unrolled network.
 *
 * @param pixels row by row from the top, each from 0, which is not drawn, to 1.
 * @param x of the middle.
 */
export function PixelSquare({ pixels, x, y }: { pixels: readonly number[]; x: number; y: number }) {
  const side = Math.sqrt(pixels.length);
  const size = PIXELS_TALL - 2 * FRAME;
  // A worker sends the same pixels again with every answer.
  const drawn = useMemo(() => shadesOf(pixels), [pixels.join()]);
  return (
    <g
      class="pixels"
      transform={`translate(${x - size / 2} ${y - size / 2}) scale(${size / side})`}
    >
      <rect width={side} height={side} />
      {drawn}
    </g>
  );
}

/** A path for each shade of grey. */
function shadesOf(pixels: readonly number[]) {
  const side = Math.sqrt(pixels.length);
  const shades = [...new Set(pixels)].filter((shade) => shade > 0);
  return shades.map((shade) => (
    <path
      key={shade}
      style={{ opacity: shade }}
      d={pixels
        .map((value, i) => (value === shade ? `M${i % side} ${Math.floor(i / side)}h1v1h-1z` : ''))
        .join('')}
    />
  ));
}
