import type { TextStatistics } from '../../src/text/index';

/** Characters that n-grams are counted on at most: a few seconds for twenty orders. */
export const MAX_NGRAM_CHARACTERS = 2_000_000;

/** Characters held out at most: nothing interrupts a look at them. */
export const MAX_HELD_OUT_CHARACTERS = 20_000;

/** A text that was read, or what is wrong with it in a sentence. */
export type ReadText = { text: string; statistics: TextStatistics } | { problem: string };

/** Which window of which streams to show. */
export interface StreamsQuery {
  batch: number;
  seq: number;
  validFraction: number;
  /** Steps done: the next one reads the window that is shown. */
  step: number;
  /** Streams to show, characters of each window, and characters on either side of it. */
  rows: number;
  columns: number;
  around: number;
}

export interface StreamsView {
  streamLength: number;
  windows: number;
  /** Of the window that is shown, from 0. */
  window: number;
  rows: readonly { before: string; window: string; after: string }[];
}

/** What the page asks of a text: all that takes longer for a longer one. */
export interface TextService {
  /** Takes a file, decoded and counted; the text before stays when there is something wrong. */
  readFile(file: File): Promise<ReadText>;
  /** Decodes a file, in an encoding that is known of it, and takes nothing. */
  decode(file: File, encoding?: string): Promise<{ text: string } | { problem: string }>;
  /** Takes a text, and counts it. */
  take(text: string): TextStatistics;
  /** A look at what a step reads; null when the text is too short. */
  streams(query: StreamsQuery): StreamsView | null;
  /**
   * Losses of the held-out part under n-gram models of the orders 1 to `maxOrder`, told one by one.
   * A later call, or another text, ends it.
   */
  ngrams(validFraction: number, maxOrder: number, told: (loss: number) => void): Promise<void>;
}
