/** Pictures kept as text, a hexadecimal digit for each grey value, so that a trained model has some to write with. */
import type { Picture } from '../mlp/digits';
import type { Pool } from './strings';

/** Some pictures of each digit. */
export const samplesOf = (pool: Pool, count: number): string[][] =>
  pool.map((pictures) =>
    pictures
      .slice(0, count)
      .map(({ pixels }) =>
        Array.from(pixels, (value) => Math.round(15 * value).toString(16)).join(''),
      ),
  );

export const poolOfSamples = (samples: readonly (readonly string[])[]): Pool =>
  samples.map((texts, label) =>
    texts.map((text): Picture => ({
      label,
      pixels: Float32Array.from(text, (hex) => parseInt(hex, 16) / 15),
    })),
  );
