import { useLayoutEffect, useRef } from 'preact/hooks';

import './lattice.css';

/** Rows over frames, shaded by how probable each is. */
export interface LatticeData {
  time: number;
  /** From top to bottom; '' for a blank. */
  rows: readonly string[];
  /** Of row r in frame t, from 0 to 1. */
  value: (t: number, r: number) => number;
  /** The row of each frame, drawn as a line. */
  path?: readonly number[];
}

/** Draws a canvas again whenever it, or the colours of the page, change. */
function useCanvas(
  draw: (context: CanvasRenderingContext2D, width: number, height: number) => void,
) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  latest.current = draw;
  const paint = () => {
    const { current } = canvas;
    if (!current) return;
    const { clientWidth: width, clientHeight: height } = current;
    const [w, h] = [width * devicePixelRatio, height * devicePixelRatio].map(Math.round);
    if (current.width !== w || current.height !== h)
      Object.assign(current, { width: w, height: h });
    const context = current.getContext('2d')!;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    latest.current(context, width, height);
  };
  useLayoutEffect(paint);
  useLayoutEffect(() => {
    const resized = new ResizeObserver(paint);
    resized.observe(canvas.current!);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', paint);
    return () => {
      resized.disconnect();
      scheme.removeEventListener('change', paint);
    };
  }, []);
  return canvas;
}

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name);

/** A picture of a lattice, its rows named at the left. */
export function Lattice({ data, label }: { data: LatticeData; label: string }) {
  const { time, rows, value, path } = data;
  const canvas = useCanvas((context, width, height) => {
    const [w, h] = [width / time, height / rows.length];
    const [blank, filled, line] = [colour('--muted'), colour('--accent'), colour('--warm')];
    for (const [r, row] of rows.entries()) {
      context.fillStyle = row === '' ? blank : filled;
      for (let t = 0; t < time; t++) {
        // By the square root, so that what is improbable is seen as well.
        context.globalAlpha = Math.sqrt(Math.min(1, Math.max(0, value(t, r))));
        context.fillRect(t * w, r * h, w + 0.5, h - 1);
      }
    }
    context.globalAlpha = 1;
    if (!path) return;
    context.strokeStyle = line;
    context.lineWidth = 2;
    context.lineJoin = 'round';
    context.beginPath();
    for (const [t, row] of path.entries()) context.lineTo((t + 0.5) * w, (row + 0.5) * h);
    context.stroke();
  });
  const dense = rows.length > 16;
  return (
    <div class={dense ? 'lattice dense' : 'lattice'} style={{ '--rows': rows.length }}>
      <div class="row-names" aria-hidden="true">
        {rows.map((row, r) => (
          <span key={r} class={row === '' ? 'blank' : undefined}>
            {row === '' ? 'blank' : row}
          </span>
        ))}
      </div>
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}

/** Numbers of a frame of the pen, and where a move of it has whether it was lifted, and its height. */
const [MOVE, LIFTED, HEIGHT] = [4, 2, 3];

/** How high the pen was in each frame, from left to right as time goes; it is broken where it was lifted. */
export function PenStrip({ frames, time }: { frames: Float32Array; time: number }) {
  const canvas = useCanvas((context, width, height) => {
    const moves = frames.length / MOVE;
    context.strokeStyle = colour('--text');
    context.lineWidth = 1.5;
    context.beginPath();
    for (let i = 0; i < moves; i++) {
      const move = frames.subarray(i * MOVE, (i + 1) * MOVE);
      // The last frame may be filled up.
      if (move.every((value) => value === 0)) continue;
      const [x, y] = [((i + 0.5) / moves) * width, (0.08 + 0.84 * (move[HEIGHT] + 0.5)) * height];
      if (move[LIFTED] > 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.stroke();
  });
  return (
    <div class="lattice strip">
      <div class="row-names" aria-hidden="true">
        <span>pen</span>
      </div>
      <canvas ref={canvas} role="img" aria-label={`The height of the pen in ${time} frames`} />
    </div>
  );
}

/** Bands of a frame of sound, and frames that stand together as one; see log_mel.ts. */
const [BANDS, STACK] = [32, 3];

/** How loud each band is in each frame, high ones at the top. */
export function SoundStrip({ frames, time }: { frames: Float32Array; time: number }) {
  const canvas = useCanvas((context, width, height) => {
    const columns = time * STACK;
    const [w, h] = [width / columns, height / BANDS];
    context.fillStyle = colour('--text');
    for (let t = 0; t < columns; t++) {
      for (let band = 0; band < BANDS; band++) {
        // From two deviations below the mean to two above.
        const value = (frames[t * BANDS + band] + 2) / 4;
        context.globalAlpha = Math.min(1, Math.max(0, value));
        context.fillRect(t * w, height - (band + 1) * h, w + 0.5, h + 0.5);
      }
    }
  });
  return (
    <div class="lattice strip">
      <div class="row-names" aria-hidden="true">
        <span>sound</span>
      </div>
      <canvas ref={canvas} role="img" aria-label={`The sound in ${time} frames`} />
    </div>
  );
}
