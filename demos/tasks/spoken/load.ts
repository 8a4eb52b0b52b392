import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DataError } from 'lethe';

import type { Clip, Clips } from './strings';
import { readWav } from './wav';
import type { Sound } from './wav';

/** @throws DataError naming the file and what is wrong with it. */
export async function readSound(file: string): Promise<Sound> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new DataError(`${file} cannot be read; give a WAV file`, { cause });
  });
  try {
    return readWav(bytes);
  } catch (cause) {
    throw new DataError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** Takes 0 to 4 are the test set, as the authors have it; take 5 is to choose by. */
const TEST_TAKES = 5;

/**
 * The recordings of the Free Spoken Digit Dataset in a folder: files `DIGIT_SPEAKER_TAKE.wav`.
 *
 * @throws DataError where there are none, or a part of the data would be empty; naming the file that is no WAV file.
 */
export async function readRecordings(folder: string): Promise<Clips> {
  const parts = { train: [] as Clip[], valid: [] as Clip[], test: [] as Clip[] };
  for (const file of (await readdir(folder)).sort()) {
    const [, digit, speaker, number] = /^(\d)_(.+)_(\d+)\.wav$/.exec(file) ?? [];
    if (digit === undefined) continue;
    const take = Number(number);
    const part = take < TEST_TAKES ? 'test' : take === TEST_TAKES ? 'valid' : 'train';
    const sound = await readSound(join(folder, file));
    parts[part].push({ ...sound, digit: Number(digit), speaker });
  }
  const rates = new Set(Object.values(parts).flatMap((clips) => clips.map((c) => c.sampleRate)));
  if (rates.size > 1) {
    throw new DataError(
      `${folder} has sounds of ${[...rates].join(' and ')} Hz; one rate is needed`,
    );
  }
  for (const [part, clips] of Object.entries(parts)) {
    if (clips.length > 0) continue;
    throw new DataError(
      `${folder} has no recordings for the ${part} part; files DIGIT_SPEAKER_TAKE.wav are needed: takes 0 to 4 ` +
        'to test, 5 to choose by, and more to learn from',
    );
  }
  return parts;
}
