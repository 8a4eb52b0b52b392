import { open } from 'node:fs/promises';

import { Random } from '../../src/random';

/** Characters of a block: what makes a file large are blocks, each begun at another place. */
const BLOCK = 1 << 20;

/** Writes so many bytes of made-up words, in lines and sentences, some of them not ASCII. */
export async function writeLargeText(path: string, bytes: number): Promise<void> {
  const random = new Random(7);
  const below = (n: number): number => Math.floor(n * random.uniform());
  const letters = 'etaoinshrdlucmfwypvbgkéü';
  const words = Array.from({ length: 5000 }, () =>
    Array.from({ length: 1 + below(9) }, () => letters[below(1 + below(letters.length))]).join(''),
  );
  let block = '';
  while (block.length < BLOCK) block += words[below(words.length)] + '      ,.\n'[below(9)];
  const encoded = new TextEncoder().encode(block);
  const file = await open(path, 'w');
  try {
    for (let written = 0; written < bytes;) {
      // From one line end to the end, so that no character is cut.
      const start = encoded.indexOf(0x0a, below(encoded.length / 2)) + 1;

      const part = encoded.subarray(start);
      await file.write(part);
      written += part.length;
    }
  } finally {
    await file.close();
  }
}
