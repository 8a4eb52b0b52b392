/** Clips of a mouth that says words, 16 x 16 grey pixels a frame, drawn by code. */
import { Random } from 'lethe';

import { classesOf } from '../recognition/utterances';
import type { Utterance } from '../recognition/utterances';
import { mouthsOf, REST, URN, VOCABULARY } from './words';
import type { Mouth } from './words';

export const SIDE = 16;
export const PIXELS = SIDE * SIDE;

/** Words of the longest clip. */
const LONGEST = 4;

const [SKIN, LIP, INSIDE, TEETH, TONGUE] = [0.8, 0.5, 0.05, 1, 0.4];

/** A face: where its mouth is, what its light is like, how it speaks. */
interface Face {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly lips: number;
  readonly light: number;
  readonly noise: number;
  /** How far the mouth is moved, as a share. */
  readonly effort: number;
  /** Frames of a viseme. */
  readonly pace: number;
}

function drawFace(random: Random): Face {
  const between = (least: number, most: number) => least + (most - least) * random.uniform();
  return {
    x: between(-1, 1),
    y: between(-1, 1),
    size: between(5.6, 7.4),
    lips: between(0.8, 1.5),
    light: between(0.75, 1.15),
    noise: between(0.02, 0.07),
    effort: between(0.75, 1.15),
    pace: between(2.6, 4.5),
  };
}

/** Clips of 1 to 4 words, each by another face. */
export function drawClips(count: number, seed: number): Utterance[] {
  return Array.from({ length: count }, (_, clip) => {
    const random = new Random(seed, clip);
    const below = (n: number) => Math.floor(n * random.uniform());
    const words = Array.from({ length: 1 + below(LONGEST) }, () => URN[below(URN.length)]);
    return drawClip(words, random);
  });
}

/** @throws DataError for a word that is not in the vocabulary. */
export function drawClip(words: readonly string[], random: Random): Utterance {
  const labels = classesOf(words, VOCABULARY);
  const face = drawFace(random);
  const course = mouths(words, face, random);
  const frames = new Float32Array(course.length * PIXELS);
  for (const [t, mouth] of course.entries()) {
    drawMouth(mouth, face, random, frames.subarray(t * PIXELS, (t + 1) * PIXELS));
  }
  return { frames, labels };
}

/** The mouth in each frame: it glides from one viseme to the next, and hardly rests between words. */
function mouths(words: readonly string[], { pace, effort }: Face, random: Random): Mouth[] {
  const stations: { mouth: Mouth; frames: number }[] = [];
  const stay = (mouth: Mouth, frames: number) =>
    stations.push({
      mouth,
      frames: Math.max(1, Math.round(frames * Math.exp(0.2 * random.normal()))),
    });
  stay(REST, 2);
  for (const word of words) {
    for (const mouth of mouthsOf(word)) stay(mouth, pace);
    if (random.uniform() < 0.7) stay(REST, pace * 0.7);
  }
  stay(REST, 2);
  return stations.flatMap(({ mouth, frames }, i) => {
    const { mouth: next } = stations[Math.min(i + 1, stations.length - 1)];
    return Array.from({ length: frames }, (_, k): Mouth => {
      // The second half of a viseme is on the way to the next one.
      const share = Math.max(0, (k + 0.5) / frames - 0.5);
      const mix = (of: (mouth: Mouth) => number) => of(mouth) + share * (of(next) - of(mouth));
      return {
        width: REST.width + effort * (mix(({ width }) => width) - REST.width),
        opening: Math.max(0, effort * mix(({ opening }) => opening)),
        teeth: mix(({ teeth }) => teeth),
        tongue: mix(({ tongue }) => tongue),
      };
    });
  });
}

function drawMouth(mouth: Mouth, face: Face, random: Random, pixels: Float32Array): void {
  const across = face.size * mouth.width + 0.5;
  const down = (face.size * mouth.opening) / 1.2;
  for (let i = 0; i < PIXELS; i++) {
    const x = (i % SIDE) - (SIDE - 1) / 2 - face.x;
    const y = Math.floor(i / SIDE) - (SIDE - 1) / 2 - face.y;
    // How far inside each ellipse, in pixels: edges are soft.
    const arch = Math.sqrt(Math.max(0, 1 - (x / across) ** 2));
    const inner = soft(down * arch - Math.abs(y)) * soft(across - Math.abs(x));
    const reach = Math.sqrt(Math.max(0, 1 - (x / (across + face.lips)) ** 2));
    const outer = soft((down + face.lips) * reach - Math.abs(y));
    const teeth = mouth.teeth * soft(-y - 0.2 * down);
    const tongue = mouth.tongue * soft(y + 0.1 * down);
    const inside = blend(blend(INSIDE, TONGUE, tongue), TEETH, teeth);
    const value = blend(blend(SKIN, LIP, outer), inside, inner);
    pixels[i] = face.light * value - 0.5 + face.noise * random.normal();
  }
}

const soft = (distance: number): number => Math.max(0, Math.min(1, distance + 0.5));
const blend = (a: number, b: number, share: number): number => a + share * (b - a);
