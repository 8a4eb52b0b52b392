import {
  decodeText,
  encodeText,
  MAX_ORDER,
  ngramScores,
  splitText,
  Streams,
  textStatistics,
} from '../../src/text/index';
import type { EncodedText, TextStatistics } from '../../src/text/index';
import { messageOf } from '../../src/io/reason';
import { serve } from '../shared/endpoint';
import { MAX_NGRAM_CHARACTERS } from './text_protocol';
import type { TextService } from './text_protocol';
import { macrotask } from '../shared/macrotask';

/** The text that was taken; undefined for an empty one. */
let text: EncodedText | undefined;
/** Grows with every text and every call for n-grams: whoever sees it grow gives up. */
let asked = 0;

function take(taken: string): TextStatistics {
  asked++;
  text = taken === '' ? undefined : encodeText(taken);
  return textStatistics(text ?? '');
}

async function decode(
  file: File,
  encoding?: string,
): Promise<{ text: string } | { problem: string }> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    const read = decodeText(bytes, file.name, { encoding });
    if (Array.from(read.slice(0, 4)).length < 2) {
      return { problem: `${file.name} has one character. Choose a longer text.` };
    }
    return { text: read };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

const service: TextService = {
  async readFile(file) {
    const read = await decode(file);
    return 'problem' in read ? read : { ...read, statistics: take(read.text) };
  },

  decode,

  take,

  streams({ batch, seq, validFraction, step, rows, columns, around }) {
    if (!text) return null;
    const { vocabulary, ids } = text;
    const { train } = splitText(ids, validFraction);
    if (Math.floor((train.length - 1) / batch) < seq) return null;
    const { streamLength, windowsPerEpoch } = new Streams(train, { batch, seq });
    const window = step % windowsPerEpoch;
    const part = (origin: number, from: number, to: number): string =>
      vocabulary.decode(train.subarray(origin + Math.max(0, from), origin + to));
    return {
      streamLength,
      windows: windowsPerEpoch,
      window,
      rows: Array.from({ length: Math.min(rows, batch) }, (_, b) => {
        const [origin, start] = [b * streamLength, window * seq];
        const end = start + Math.min(seq, columns);
        return {
          before: part(origin, start - around, start),
          window: part(origin, start, end),
          after: end < start + seq ? '' : part(origin, end, Math.min(end + around, streamLength)),
        };
      }),
    };
  },

  async ngrams(validFraction, maxOrder, told) {
    const mine = ++asked;
    if (!text) return;
    const { vocabulary, ids } = text;
    const { train, valid } = splitText(ids, validFraction);
    const scores = ngramScores(train.subarray(0, MAX_NGRAM_CHARACTERS), valid, {
      vocabularySize: vocabulary.size,
      maxOrder: Math.min(maxOrder, MAX_ORDER),
    });
    for (const { entropy } of scores) {
      told(entropy);
      await macrotask();
      if (asked !== mine) return;
    }
  },
};
serve(service);
