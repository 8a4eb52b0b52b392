/**
 * Clips of 16 x 16 grey pixels, drawn by code. A shape comes in from a side, bounces between the sides, passes
 * behind a wall that stands in the middle (and sometimes turns round there, unseen), and may leave. In half of
 * the clips a second shape stands still. One label for each frame:
 *
 * - `absent`: the shape has not come yet, or has gone
 * - `left`, `right`: it is to be seen, and moves that way
 * - `bounce`: it has just turned at a side
 * - `hidden`: it is behind the wall, wholly
 * - `reappears`: the first frame of it after it was hidden
 *
 * None of these can be read from one frame: an empty picture is `absent` or `hidden`, a shape moves either way.
 */
import { Random } from 'lethe';

export const SIZE = 16;
export const LABELS = ['absent', 'left', 'right', 'bounce', 'hidden', 'reappears'] as const;
export type Label = (typeof LABELS)[number];

export interface Clip {
  /** [time, SIZE, SIZE], row-major: 0 black, 0.5 the wall, 1 a shape. */
  readonly pixels: Float32Array;
  readonly labels: readonly Label[];
}

/** Rows of each shape. */
const SHAPES: readonly (readonly string[])[] = [
  ['##', '##'],
  ['###', '###', '###'],
  [' # ', '###', ' # '],
  [' ## ', '####', '####', ' ## '],
  ['#  #', ' ## ', ' ## ', '#  #'],
];

/** A clip of `time` frames, drawn by numbers of `random`. */
function drawClip(random: Random, time: number): Clip {
  const below = (n: number): number => Math.floor(random.uniform() * n);
  const shape = SHAPES[below(SHAPES.length)];
  const other = SHAPES[below(SHAPES.length)];
  const width = shape[0].length;
  const far = SIZE - width;
  const wall = { left: 5 + below(2), right: 10 + below(2) };
  const still = below(2) === 0 ? { x: below(2) * (SIZE - 4), y: below(SIZE - 4) } : undefined;

  const pixels = new Float32Array(time * SIZE * SIZE);
  const labels: Label[] = [];
  let wait = 1 + below(6);
  let stays = 2 + below(4);
  const speed = 1 + below(2);
  let dx = below(2) === 0 ? speed : -speed;
  let dy = below(3) - 1;
  let x = dx > 0 ? -width : SIZE;
  let y = below(SIZE - shape.length + 1);
  let wasHidden = false;
  let inside = false;
  for (let t = 0; t < time; t++) {
    const frame = pixels.subarray(t * SIZE * SIZE, (t + 1) * SIZE * SIZE);
    let bounced = false;
    if (wait > 0) wait--;
    else {
      x += dx;
      y += dy;
      if (y < 0 || y > SIZE - shape.length)
        [y, dy] = [y < 0 ? -y : y + 2 * (SIZE - shape.length - y), -dy];
      if (inside && (x < 0 || x > far) && stays-- > 0) {
        bounced = true;
        [x, dx] = [x < 0 ? -x : 2 * far - x, -dx];
      }
      inside ||= x >= 0 && x <= far;
    }
    const hides = x >= wall.left && x + width <= wall.right;
    if (hides && !wasHidden && below(3) === 0) dx = -dx;
    if (still) draw(frame, other, still.x, still.y);
    draw(frame, shape, x, y);
    for (let row = 0; row < SIZE; row++) {
      frame.fill(0.5, row * SIZE + wall.left, row * SIZE + wall.right);
    }
    const away = x <= -width || x >= SIZE;
    const moves = dx > 0 ? 'right' : 'left';
    labels.push(
      away ? 'absent' : hides ? 'hidden' : wasHidden ? 'reappears' : bounced ? 'bounce' : moves,
    );
    wasHidden = hides;
  }
  return { pixels, labels };
}

function draw(frame: Float32Array, shape: readonly string[], x: number, y: number): void {
  for (const [row, line] of shape.entries()) {
    for (let column = 0; column < line.length; column++) {
      if (line[column] === '#' && x + column >= 0 && x + column < SIZE) {
        frame[(y + row) * SIZE + x + column] = 1;
      }
    }
  }
}

/** `count` clips of `time` frames: the same for the same seed. */
export function drawClips(count: number, time: number, seed: number): Clip[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => drawClip(random, time));
}
