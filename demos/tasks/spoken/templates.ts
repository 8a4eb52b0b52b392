/** The baseline: a string is cut where it is quiet, and each piece is compared with recordings by time warping. */
import { Random } from 'lethe';

import { nearestWarped } from '../baselines/time_warping';
import type { Utterance } from '../recognition/utterances';
import { FEATURES, soundToFrames } from './log_mel';
import { joined } from './strings';
import type { Clip } from './strings';

/** Recordings of each speaker and digit that serve as templates. */
const TAKES = 1;
/** Templates in all: each is compared with each piece. */
const MOST = 120;

/** Frames of silence, each of 30 ms, that part two digits. */
const QUIET = 3;

/**
 * A reader of strings by templates.
 *
 * @returns the class of each piece that is heard.
 */
export function templateReader(clips: readonly Clip[]): (utterance: Utterance) => number[] {
  const taken = new Map<string, number>();
  const random = new Random(1, 2);
  const few = clips.filter(({ digit, speaker }) => {
    const key = `${digit} ${speaker}`;
    const count = (taken.get(key) ?? 0) + 1;
    taken.set(key, count);
    return count <= TAKES;
  });
  const templates = few.slice(0, MOST).flatMap((clip) => {
    const { samples, sampleRate } = joined([clip], random, false);
    const heard = pieces(soundToFrames(samples, sampleRate));
    const longest = heard.sort((a, b) => b.length - a.length).slice(0, 1);
    return longest.map((frames) => ({ frames, label: clip.digit + 1 }));
  });
  const nearest = nearestWarped(templates, FEATURES);
  return ({ frames }) => pieces(frames).map(nearest);
}

/** The frames of what is louder than silence. */
function pieces(frames: Float32Array): Float32Array[] {
  const time = frames.length / FEATURES;
  // The loudest band tells, as white noise is in all of them.
  const loudness = Array.from({ length: time }, (_, t) =>
    frames.subarray(t * FEATURES, (t + 1) * FEATURES).reduce((most, x) => Math.max(most, x)),
  );
  const ordered = [...loudness].sort((a, b) => a - b);
  const at = (share: number): number => ordered[Math.floor(share * (time - 1))];
  const threshold = at(0.05) + 0.3 * (at(0.95) - at(0.05));
  const cut: Float32Array[] = [];
  let [start, end] = [-1, -1];
  for (let t = 0; t <= time; t++) {
    if (t < time && loudness[t] > threshold) {
      if (start < 0) start = t;
      end = t + 1;
    } else if (start >= 0 && (t === time || t - end >= QUIET)) {
      cut.push(frames.subarray(start * FEATURES, end * FEATURES));
      start = -1;
    }
  }
  return cut;
}
