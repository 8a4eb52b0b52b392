/** Pictures with captions from a folder. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

import { DataError, Random } from 'lethe';
import { splitExamples } from 'lethe/data';

import { decodePng, decodePpm, resized } from './image';
import type { CaptionData } from './pictures';
import type { Picture } from './shapes';

/** @throws DataError naming the file and what is wrong with it. */
export async function readPicture(file: string): Promise<{ pixels: Float32Array }> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new DataError(`${file} cannot be read; give a PNG, PPM or PGM file`, { cause });
  });
  try {
    const image = /\.png$/i.test(file)
      ? decodePng(bytes, (data) => inflateSync(data))
      : decodePpm(bytes);
    return { pixels: resized(image) };
  } catch (cause) {
    throw new DataError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/**
 * The pictures of a folder with `captions.tsv`, lines of a file and its caption; or of the npm package
 * `emoji-datasource-twitter`.
 *
 * @throws DataError naming the line, or the file, and what is wrong with it.
 */
export async function readPictures(folder: string): Promise<CaptionData> {
  const emoji = await readFile(join(folder, 'emoji.json'), 'utf8').catch(() => undefined);
  if (emoji !== undefined) return readEmoji(folder, JSON.parse(emoji) as Emoji[]);
  const text = await readFile(join(folder, 'captions.tsv'), 'utf8').catch(() => {
    throw new DataError(`${folder} has neither captions.tsv nor emoji.json`);
  });
  const pictures: Picture[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [file, caption = '', ...rest] = line.split('\t');
    if (caption.trim() === '' || rest.length > 0) {
      throw new DataError(`captions.tsv, line ${i + 1}: a file, a tab and its caption are needed`);
    }
    pictures.push({ ...(await readPicture(join(folder, file))), caption: plain(caption) });
  }
  if (pictures.length < 10) {
    throw new DataError(`captions.tsv names ${pictures.length} pictures; 10 at least are needed`);
  }
  const [train, valid, test] = splitExamples(pictures, [0.8, 0.1, 0.1], 0);
  return { train, valid, tests: [{ name: '', pictures: test }] };
}

interface Emoji {
  readonly name: string;
  readonly image: string;
  readonly has_img_twitter: boolean;
  readonly skin_variations?: Readonly<Record<string, Omit<Emoji, 'name' | 'skin_variations'>>>;
}

const TONES: Readonly<Record<string, string>> = {
  '1F3FB': 'light',
  '1F3FC': 'medium light',
  '1F3FD': 'medium',
  '1F3FE': 'medium dark',
  '1F3FF': 'dark',
};

/** Of each emoji that has skin tones, one of the tones is for the test, or to choose by: a new combination. */
async function readEmoji(folder: string, list: readonly Emoji[]): Promise<CaptionData> {
  const random = new Random(0, 8);
  const read = async (image: string, caption: string): Promise<Picture> => ({
    ...(await readPicture(join(folder, 'img', 'twitter', '64', image))),
    caption: plain(caption),
  });
  const train: Picture[] = [];
  const held: Picture[] = [];
  for (const { name, image, has_img_twitter, skin_variations } of list) {
    if (has_img_twitter) train.push(await read(image, name));
    // Of two people with a tone each, the names of both stand behind each other.
    const variants = Object.entries(skin_variations ?? {}).filter(
      ([tone, variant]) => tone in TONES && variant.has_img_twitter,
    );
    const out = Math.floor(random.uniform() * variants.length);
    for (const [i, [tone, variant]] of variants.entries()) {
      const picture = await read(variant.image, `${name} ${TONES[tone]} skin tone`);
      (i === out ? held : train).push(picture);
    }
  }
  const [valid, test] = splitExamples(held, [0.3, 0.7], 0);
  return { train, valid, tests: [{ name: '', pictures: test }] };
}

/** Lower case, without marks and doubled spaces. */
function plain(caption: string): string {
  return caption
    .toLowerCase()
    .replace(/[^\p{L}\p{N} ]/gu, ' ')
    .trim()
    .replace(/\s+/g, ' ');
}
