import type { LessonName } from './protocol';

/** What there is to know of a lesson before its code is loaded. */
export interface LessonFacts {
  title: string;
  /** What is written or said. */
  what: string;
  /** What code can write. */
  symbols: RegExp;
  /** Watched while a network learns. */
  example: string;
  /** A trained model; null where there is none. */
  file: URL | null;
  /** The network, in a few words. */
  network: string;
  /** Of a training in the page, so that it takes about a minute. */
  epochs: number;
  lines: number;
}

export const LESSONS: Readonly<Record<LessonName, LessonFacts>> = {
  digits: {
    ...{ title: 'Digits', what: 'digits', symbols: /^[0-9]+$/, example: '40718' },
    file: new URL('./models/digits.safetensors', import.meta.url),
    network: 'A bidirectional GRU of 64 units',
    ...{ epochs: 20, lines: 3000 },
  },
  letters: {
    ...{ title: 'Letters', what: 'small letters in print', symbols: /^[a-z]+$/, example: 'hello' },
    file: new URL('./models/letters.safetensors', import.meta.url),
    network: 'A bidirectional GRU of 64 units',
    ...{ epochs: 15, lines: 5000 },
  },
  voice: {
    ...{ title: 'Your voice', what: 'digits', symbols: /^[0-9]+$/, example: '40718' },
    file: null,
    network: 'A bidirectional GRU of 96 units',
    ...{ epochs: 20, lines: 0 },
  },
};
