/** The baseline: a clip is cut where the mouth rests, and each piece is compared with words alone by time warping. */
import { Random } from 'lethe';

import { nearestWarped } from '../baselines/time_warping';
import type { Utterance } from '../recognition/utterances';
import { drawClip, PIXELS } from './clips';
import { VOCABULARY } from './words';

/** Faces that say each word. */
const FACES = 10;

/** Frames of a mouth at rest that part two words. */
const RESTING = 2;

/** Of the largest difference in a clip, what a mouth has to be away from rest. */
const LEAST = 0.2;

export function templateReader(): (utterance: Utterance) => number[] {
  const random = new Random(1, 2);
  const templates = VOCABULARY.flatMap((word) =>
    Array.from({ length: FACES }, () => drawClip([word], random)),
  ).flatMap(({ frames, labels }) => {
    const longest = pieces(frames).sort((a, b) => b.length - a.length);
    return longest.slice(0, 1).map((piece) => ({ frames: piece, label: labels[0] }));
  });
  const nearest = nearestWarped(templates, PIXELS);
  return ({ frames }) => pieces(frames).map(nearest);
}

/**
 * Runs of frames that differ from the first one, in which the mouth rests, less that frame: where a face is and its
 * light count less then.
 */
function pieces(frames: Float32Array): Float32Array[] {
  const time = frames.length / PIXELS;
  const moved = frames.map((value, i) => value - frames[i % PIXELS]);
  const distance = Array.from({ length: time }, (_, t) =>
    moved.subarray(t * PIXELS, (t + 1) * PIXELS).reduce((sum, value) => sum + value * value, 0),
  );
  const threshold = LEAST * Math.max(...distance);
  const cut: Float32Array[] = [];
  let [start, end] = [-1, -1];
  for (let t = 0; t <= time; t++) {
    if (t < time && distance[t] > threshold) {
      if (start < 0) start = t;
      end = t + 1;
    } else if (start >= 0 && (t === time || t - end >= RESTING - 1)) {
      cut.push(moved.subarray(start * PIXELS, end * PIXELS));
      start = -1;
    }
  }
  return cut;
}
