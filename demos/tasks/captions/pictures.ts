/** Pictures divided by what their captions combine, and what a network must beat on them. */
import { Random } from 'lethe';

import { allScenes, draw, drawSome, isHeldOut, parse, PIXELS, SIDE } from './shapes';
import type { Picture, Scene } from './shapes';

export interface CaptionData {
  readonly train: readonly Picture[];
  readonly valid: readonly Picture[];
  /** The first is the test proper: combinations that no picture of the training has. */
  readonly tests: readonly { readonly name: string; readonly pictures: readonly Picture[] }[];
}

/**
 * Generated pictures. No two have the same caption, but for `seen`, which are those of the training drawn
 * anew: so the test has things that the training has, in combinations that it has not. In `new pairs` a thing
 * itself is new: the shape is known, and the colour, but not together.
 */
export function generatePictures(counts = { train: 3000, valid: 200, test: 200 }): CaptionData {
  const random = new Random(0, 6);
  const { train, valid, test } = counts;
  const scenes = allScenes();
  const open = drawSome(
    scenes.filter((scene) => !isHeldOut(scene)),
    train + valid + test,
    random,
  );
  const again = (pictures: readonly Picture[]): Picture[] =>
    pictures.slice(0, test).map(({ caption }) => draw(parse(caption), random));
  const held: Scene[] = scenes.filter(isHeldOut);
  return {
    train: open.slice(0, train),
    valid: open.slice(train, train + valid),
    tests: [
      { name: '', pictures: open.slice(train + valid) },
      { name: 'seen ', pictures: again(open) },
      { name: 'new pairs ', pictures: drawSome(held, test, random) },
    ],
  };
}

/** For each picture the caption of that of the training which is nearest, in squares of halved pictures. */
export function nearestCaptions(pictures: readonly Picture[], train: readonly Picture[]): string[] {
  const known = train.map(({ pixels }) => halved(pixels));
  return pictures.map(({ pixels }) => {
    const own = halved(pixels);
    let [least, nearest] = [Infinity, 0];
    for (const [i, other] of known.entries()) {
      let distance = 0;
      for (let j = 0; j < own.length; j++) distance += (own[j] - other[j]) ** 2;
      if (distance < least) [least, nearest] = [distance, i];
    }
    return train[nearest].caption;
  });
}

/** Half as wide and high: the mean of every four pixels. */
function halved(pixels: Float32Array): Float32Array {
  const half = new Float32Array(PIXELS / 4);
  for (let i = 0; i < PIXELS; i++) {
    const [y, x, c] = [Math.floor(i / (3 * SIDE)), Math.floor(i / 3) % SIDE, i % 3];
    half[3 * ((y >> 1) * (SIDE / 2) + (x >> 1)) + c] += pixels[i] / 4;
  }
  return half;
}
