import { TextError } from '../errors';

/**
 * Decodes UTF-8 exactly: a byte order mark stays in the text, and nothing is replaced.
 *
 * @param bytes The whole file.
 * @param name What to call the file in an error.
 * @throws TextError when the bytes are not UTF-8 (the message gives the byte offset at which the
 *   first malformed sequence starts), or when the text is too long for one string.
 */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const offset = firstMalformed(bytes);
    if (offset < 0) {
      throw new TextError(
        `${name}: ${bytes.length} bytes do not fit into one string; split the file`,
        { cause },
      );
    }
    const byte = bytes[offset].toString(16).toUpperCase().padStart(2, '0');
    throw new TextError(
      `${name} is not UTF-8: byte 0x${byte} at offset ${offset} starts no valid character; ` +
        `convert the file first, for example: iconv -f ${guessEncoding(bytes)} -t UTF-8`,
      { cause },
    );
  }
}

/** The offset of the first malformed or cut-off sequence, or -1 when all of it is UTF-8. */
function firstMalformed(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

/** Bytes in the sequence at `at`, or 0 when it is malformed (Unicode Standard, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at];
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second byte also rules out overlong forms, surrogates and values over U+10FFFF.
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  // Past the end a byte reads as undefined, and every comparison with it is false.
  if (!(bytes[at + 1] >= lowest && bytes[at + 1] <= highest)) return 0;
  for (let i = 2; i < length; i++) {
    if (!(bytes[at + i] >= 0x80 && bytes[at + i] <= 0xbf)) return 0;
  }
  return length;
}

function guessEncoding(bytes: Uint8Array): string {
  const mark = (bytes[0] << 8) | bytes[1];
  return mark === 0xfffe || mark === 0xfeff ? 'UTF-16' : 'WINDOWS-1252';
}
