import { useEffect, useRef } from 'preact/hooks';

import { coalesced } from '../shared/coalesced';

/** Red, green and blue, each from 0 to 1. */
export type Colour = readonly [number, number, number];

/** Of a square of pixels: [side, side, 3], row by row from the top, each from 0 to 1. */
export function imageOf(pixels: readonly number[], side: number): ImageData {
  const image = new ImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = 255 * pixels[3 * i + c];
    image.data[4 * i + 3] = 255;
  }
  return image;
}

/**
 * A square of few pixels to draw on, by mouse, pen or finger.
 *
 * @param pixels [side, side, 3], row by row from the top, each from 0 to 1.
 * @param radius of the brush, in pixels.
 */
export function Drawing({
  label,
  side,
  pixels,
  colour,
  radius,
  draw,
}: {
  label: string;
  side: number;
  pixels: readonly number[];
  colour: Colour;
  radius: number;
  draw: (pixels: number[]) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  /** What is under way: a line of many points is one drawing. */
  const latest = useRef(pixels);
  latest.current = pixels;
  useEffect(() => {
    canvas.current!.getContext('2d')!.putImageData(imageOf(pixels, side), 0, 0);
  }, [pixels]);

  const dab = (event: PointerEvent): void => {
    if (event.buttons === 0) return;
    const { left, top, width } = canvas.current!.getBoundingClientRect();
    const next = [...latest.current];
    for (const { clientX, clientY } of coalesced(event)) {
      const [x, y] = [((clientX - left) * side) / width, ((clientY - top) * side) / width];
      for (let i = 0; i < side * side; i++) {
        const far = Math.hypot((i % side) + 0.5 - x, Math.floor(i / side) + 0.5 - y);
        // The edge of the brush is soft, over a pixel.
        const share = Math.min(1, Math.max(0, radius + 0.5 - far));
        for (let c = 0; c < 3; c++) next[3 * i + c] += share * (colour[c] - next[3 * i + c]);
      }
    }
    latest.current = next;
    draw(next);
  };

  return (
    <canvas
      ref={canvas}
      class="drawing"
      width={side}
      height={side}
      role="img"
      aria-label={label}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        dab(event);
      }}
      onPointerMove={dab}
    />
  );
}
