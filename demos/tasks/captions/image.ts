/** Picture files in plain code: PPM and PGM, and PNG without its compression, which is the caller's. */
import { DataError } from 'lethe';

import { PIXELS, SIDE } from './shapes';

export interface Image {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue from 0 to 1, row by row from the top. */
  readonly rgb: Float32Array;
}

/** An image as the captioner takes it: each pixel is the mean of those that it covers. */
export function resized({ width, height, rgb }: Image): Float32Array {
  const pixels = new Float32Array(PIXELS);
  const range = (i: number, size: number): [number, number] => {
    const from = Math.floor((i * size) / SIDE);
    return [from, Math.max(from + 1, Math.floor(((i + 1) * size) / SIDE))];
  };
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [left, right] = range(i % SIDE, width);
    const [top, bottom] = range(Math.floor(i / SIDE), height);
    const count = (right - left) * (bottom - top);
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        for (let c = 0; c < 3; c++) pixels[3 * i + c] += rgb[3 * (y * width + x) + c] / count;
      }
    }
  }
  return pixels;
}

/**
 * PPM and PGM, as text (P2, P3) or binary (P5, P6), of up to 255 for white.
 *
 * @throws DataError saying what is wrong.
 */
export function decodePpm(bytes: Uint8Array): Image {
  let at = 0;
  const token = (): string => {
    const text = (): string => String.fromCharCode(bytes[at]);
    while (at < bytes.length && /[\s#]/.test(text())) {
      if (text() === '#') while (at < bytes.length && text() !== '\n') at++;
      else at++;
    }
    const start = at;
    while (at < bytes.length && !/\s/.test(text())) at++;
    return String.fromCharCode(...bytes.subarray(start, at));
  };
  const magic = token();
  if (!/^P[2356]$/.test(magic)) {
    throw new DataError('no PPM or PGM: the file does not begin with P2, P3, P5 or P6');
  }
  const [width, height, white] = [token(), token(), token()].map(Number);
  if (!(width > 0 && height > 0 && white > 0 && white < 256)) {
    throw new DataError(`${magic} of ${width} x ${height}, white ${white}; 255 at most is read`);
  }
  const channels = magic === 'P3' || magic === 'P6' ? 3 : 1;
  const size = width * height * channels;
  at++;
  const plain = magic === 'P2' || magic === 'P3';
  const values = plain ? Array.from({ length: size }, () => Number(token())) : bytes.subarray(at);
  if (values.length < size || !(values[size - 1] >= 0)) {
    throw new DataError(`${magic} of ${width} x ${height} ends early`);
  }
  const rgb = Float32Array.from({ length: width * height * 3 }, (_, i) => {
    return values[channels === 3 ? i : Math.floor(i / 3)] / white;
  });
  return { width, height, rgb };
}

/** Values of a pixel by the colour type of a PNG: grey, RGB, index, grey and alpha, RGBA. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * PNG of 8 bits that is not interlaced, on white where it is transparent (W3C, "Portable Network Graphics").
 *
 * @param inflate undoes zlib's compression.
 * @throws DataError saying what is wrong.
 */
export function decodePng(bytes: Uint8Array, inflate: (data: Uint8Array) => Uint8Array): Image {
  if (![0x89, 0x50, 0x4e, 0x47].every((value, i) => bytes[i] === value)) {
    throw new DataError('no PNG: its signature is missing');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = new Map<string, Uint8Array[]>();
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.set(kind, [...(chunks.get(kind) ?? []), bytes.subarray(at + 8, at + 8 + length)]);
    at += 12 + length;
  }
  const [header] = chunks.get('IHDR') ?? [];
  const data = chunks.get('IDAT');
  if (!header || !data || header.length < 13) throw new DataError('the PNG ends early');
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colours, , , interlaced] = header.subarray(8);
  if (depth !== 8 || !(colours in CHANNELS) || interlaced !== 0) {
    throw new DataError(
      `a PNG of ${depth} bits, colour type ${colours}${interlaced ? ', interlaced' : ''}; 8 bits, not ` +
        'interlaced are read: save it so, or as PPM',
    );
  }
  const channels = CHANNELS[colours];
  const packed = new Uint8Array(data.reduce((sum, { length }) => sum + length, 0));
  data.reduce((at, part) => (packed.set(part, at), at + part.length), 0);
  const rows = unfiltered(inflate(packed), width * channels, height, channels);
  const [palette] = chunks.get('PLTE') ?? [];
  const [clear = new Uint8Array()] = chunks.get('tRNS') ?? [];
  const rgb = Float32Array.from({ length: width * height * 3 }, (_, i) => {
    const [pixel, c] = [Math.floor(i / 3) * channels, i % 3];
    const index = rows[pixel];
    if (colours === 3) return onWhite(palette?.[3 * index + c] ?? 0, clear[index] ?? 255);
    const value = rows[pixel + (channels > 2 ? c : 0)];
    return onWhite(value, channels % 2 === 0 ? rows[pixel + channels - 1] : 255);
  });
  return { width, height, rgb };
}

function onWhite(value: number, alpha: number): number {
  return 1 - (alpha / 255) * (1 - value / 255);
}

/** Undoes the filters of lines: each byte was stored as its difference from a guess by its neighbours. */
function unfiltered(data: Uint8Array, line: number, height: number, step: number): Uint8Array {
  if (data.length < height * (line + 1)) throw new DataError('the PNG ends early');
  const rows = new Uint8Array(height * line);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (line + 1)];
    for (let x = 0; x < line; x++) {
      const at = y * line + x;
      const left = x >= step ? rows[at - step] : 0;
      const above = y > 0 ? rows[at - line] : 0;
      const corner = x >= step && y > 0 ? rows[at - line - step] : 0;
      const guesses = [0, left, above, (left + above) >> 1, nearest(left, above, corner)];
      rows[at] = data[y * (line + 1) + 1 + x] + guesses[filter];
    }
  }
  return rows;
}

/** Paeth's guess: the neighbour nearest to left + above - corner. */
function nearest(left: number, above: number, corner: number): number {
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(left + above - corner - value));
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}
