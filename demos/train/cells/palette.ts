import { signal } from '@preact/signals';

// The colours themselves are in cells.css, light and dark.

const scheme = matchMedia('(prefers-color-scheme: dark)');

/** Changes with the colours, for what is drawn and not styled. */
export const dark = signal(scheme.matches);
scheme.addEventListener('change', () => (dark.value = scheme.matches));

/** The background of a value; `strength` from -1 to 1. */
export function background(strength: number): string {
  const percent = Math.round(Math.min(Math.abs(strength), 1) * 100);
  if (percent === 0) return '';
  const side = strength < 0 ? '--negative' : '--positive';
  return `color-mix(in srgb, var(${side}) ${percent}%, transparent)`;
}

/** Levels of strength on either side, for pixels. */
const LEVELS = 100;

/** Pixels for strengths from -1 to 1; bytes of red, green, blue and alpha. */
export class Pixels {
  readonly #colours: Uint8ClampedArray;

  /** @param host where the colours are defined. */
  constructor(host: Element) {
    const style = getComputedStyle(host);
    const [negative, zero, positive] = ['--negative', '--field', '--positive'].map((name) =>
      [1, 3, 5].map((at) =>
        parseInt(
          style
            .getPropertyValue(name)
            .trim()
            .slice(at, at + 2),
          16,
        ),
      ),
    );
    this.#colours = new Uint8ClampedArray(4 * (2 * LEVELS + 1));
    for (let level = -LEVELS; level <= LEVELS; level++) {
      const side = level < 0 ? negative : positive;
      const share = Math.abs(level) / LEVELS;
      const mixed = side.map((value, i) => share * value + (1 - share) * zero[i]);
      this.#colours.set([...mixed, 255], 4 * (level + LEVELS));
    }
  }

  set(image: ImageData, pixel: number, strength: number): void {
    const level = Math.round(Math.max(-1, Math.min(strength, 1)) * LEVELS) + LEVELS;
    for (let k = 0; k < 4; k++) image.data[4 * pixel + k] = this.#colours[4 * level + k];
  }
}
