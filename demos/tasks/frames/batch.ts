/** Clips side by side, as a training step takes them. */
import type { HostArray } from 'lethe/data';

import { LABELS, SIZE } from './clips';
import type { Clip } from './clips';

export const PIXELS = SIZE * SIZE;

/** Pixels of [time, batch, PIXELS], labels of [time batch]. */
export type FrameBatch = Readonly<Record<'pixels' | 'labels', HostArray>>;

/** @param clips of one length. */
export function collate(clips: readonly Clip[]): FrameBatch {
  const [time, batch] = [clips[0].labels.length, clips.length];
  const pixels = new Float32Array(time * batch * PIXELS);
  const labels = new Int32Array(time * batch);
  for (const [b, clip] of clips.entries()) {
    for (let t = 0; t < time; t++) {
      const row = t * batch + b;
      pixels.set(clip.pixels.subarray(t * PIXELS, (t + 1) * PIXELS), row * PIXELS);
      labels[row] = LABELS.indexOf(clip.labels[t]);
    }
  }
  return {
    pixels: { shape: [time, batch, PIXELS], data: pixels },
    labels: { shape: [time * batch], data: labels },
  };
}
