import { signal } from '@preact/signals';

import type { AskedText, TextSource } from './protocol';

/** A checkpoint that waits for its text, and the other text that was given for it. */
export interface Waiting extends AskedText {
  file: File;
  other: TextSource | null;
}

export const waiting = signal<Waiting | null>(null);
