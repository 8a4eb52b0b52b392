/**
 * The outlines of a TrueType font, as a TTF or a WOFF file has them.
 *
 * Sources: the OpenType specification (cmap, glyf, head, hhea, hmtx, loca); W3C, WOFF File Format 1.0.
 */
import { DataError } from 'lethe';

import { inLineHeights } from './outlines';
import type { GlyphOutline, Outlines } from './outlines';

/** Pieces that a curve is divided into. */
const PIECES = 4;
/** Glyphs of glyphs, at most so deep. */
const DEEPEST = 4;

type Tables = ReadonlyMap<string, DataView>;
type Contour = readonly number[];

/**
 * Reads characters of a font.
 *
 * @param characters h and p among them, which tell the height of a line.
 * @throws DataError for another kind of file, a damaged one, and a font that lacks one of the characters.
 */
export async function parseFont(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  characters: Iterable<string>,
): Promise<Outlines> {
  const glyphs: Record<string, GlyphOutline> = {};
  try {
    const font = new TrueType(name, await readTables(name, bytes));
    for (const character of characters) glyphs[character] = font.glyph(character);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${name} is damaged: ${(error as Error).message}`);
  }
  return inLineHeights({ name, glyphs });
}

async function readTables(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<Tables> {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = bytes.length > 12 ? file.getUint32(0) : 0;
  const woff = kind === 0x774f4646;
  if (!woff && kind !== 0x00010000 && kind !== 0x74727565) {
    throw new DataError(`${name} is no TrueType font in a TTF or WOFF file`);
  }
  const count = file.getUint16(woff ? 12 : 4);
  const tables = new Map<string, DataView>();
  for (let i = 0; i < count; i++) {
    const entry = woff ? 44 + 20 * i : 12 + 16 * i;
    const tag = String.fromCharCode(...bytes.subarray(entry, entry + 4));
    const offset = file.getUint32(entry + (woff ? 4 : 8));
    const length = file.getUint32(entry + (woff ? 8 : 12));
    const stored = bytes.subarray(offset, offset + length);
    const packed = woff && length < file.getUint32(entry + 12);
    const table = packed ? await inflated(stored) : stored;
    tables.set(tag, new DataView(table.buffer, table.byteOffset, table.byteLength));
  }
  return tables;
}

async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

class TrueType {
  readonly #name: string;
  readonly #tables: Tables;
  readonly #glyphOf: (code: number) => number;

  constructor(name: string, tables: Tables) {
    this.#name = name;
    this.#tables = tables;
    this.#glyphOf = characterMap(name, this.#table('cmap'));
  }

  glyph(character: string): GlyphOutline {
    const id = this.#glyphOf(character.codePointAt(0)!);
    if (id === 0) throw new DataError(`${this.#name} has no "${character}"`);
    const metrics = this.#table('hhea').getUint16(34);
    const advance = this.#table('hmtx').getUint16(4 * Math.min(id, metrics - 1));
    return { advance, contours: this.#contours(id, 0) };
  }

  #table(tag: string): DataView {
    const table = this.#tables.get(tag);
    if (!table) throw new DataError(`${this.#name} has no table ${tag}: it is no TrueType font`);
    return table;
  }

  #contours(id: number, depth: number): Contour[] {
    const loca = this.#table('loca');
    const long = this.#table('head').getInt16(50) === 1;
    const at = (i: number) => (long ? loca.getUint32(4 * i) : 2 * loca.getUint16(2 * i));
    if (at(id) === at(id + 1)) return [];
    const all = this.#table('glyf');
    const glyph = new DataView(all.buffer, all.byteOffset + at(id), at(id + 1) - at(id));
    const count = glyph.getInt16(0);
    return count >= 0 ? simpleContours(glyph, count) : this.#compositeContours(glyph, depth);
  }

  #compositeContours(glyph: DataView, depth: number): Contour[] {
    if (depth === DEEPEST) throw new DataError(`${this.#name} has a glyph that is part of itself`);
    const contours: Contour[] = [];
    for (let at = 10, more = true; more;) {
      const flags = glyph.getUint16(at);
      const id = glyph.getUint16(at + 2);
      const words = (flags & 1) !== 0;
      const [dx, dy] = words
        ? [glyph.getInt16(at + 4), glyph.getInt16(at + 6)]
        : [glyph.getInt8(at + 4), glyph.getInt8(at + 5)];
      at += words ? 8 : 6;
      const scales = flags & 0x08 ? 1 : flags & 0x40 ? 2 : flags & 0x80 ? 4 : 0;
      const s = Array.from({ length: scales }, (_, i) => glyph.getInt16(at + 2 * i) / 16384);
      at += 2 * scales;
      const [a, b, c, d] =
        scales === 4 ? s : scales === 2 ? [s[0], 0, 0, s[1]] : [s[0] ?? 1, 0, 0, s[0] ?? 1];
      for (const contour of this.#contours(id, depth + 1)) {
        contours.push(
          contour.map((value, i) => {
            // y is downwards here, and upwards in the file.
            const [x, y] = i % 2 === 0 ? [value, -contour[i + 1]] : [contour[i - 1], -value];
            return i % 2 === 0 ? a * x + c * y + dx : -(b * x + d * y + dy);
          }),
        );
      }
      more = (flags & 0x20) !== 0;
    }
    return contours;
  }
}

/** From code points to numbers of glyphs, 0 for none. */
function characterMap(name: string, cmap: DataView): (code: number) => number {
  const count = cmap.getUint16(2);
  const offsets = Array.from({ length: count }, (_, i) => cmap.getUint32(8 + 8 * i));
  const formats = offsets.map((offset) => cmap.getUint16(offset));
  const place = formats.indexOf(4);
  if (place < 0) throw new DataError(`${name} has no table of characters in format 4`);
  const at = offsets[place];
  const segments = cmap.getUint16(at + 6) / 2;
  return (code) => {
    for (let i = 0; i < segments; i++) {
      if (cmap.getUint16(at + 14 + 2 * i) < code) continue;
      const starts = at + 16 + 2 * segments + 2 * i;
      const start = cmap.getUint16(starts);
      if (start > code) return 0;
      const delta = cmap.getInt16(starts + 2 * segments);
      const ranges = starts + 4 * segments;
      const range = cmap.getUint16(ranges);
      if (range === 0) return (code + delta) & 0xffff;
      const id = cmap.getUint16(ranges + range + 2 * (code - start));
      return id === 0 ? 0 : (id + delta) & 0xffff;
    }
    return 0;
  };
}

/** Points on a curve, and those that draw it off its straight way. */
type Point = readonly [x: number, y: number, on: boolean];

function simpleContours(glyph: DataView, count: number): Contour[] {
  const ends = Array.from({ length: count }, (_, i) => glyph.getUint16(10 + 2 * i));
  const points = count > 0 ? ends[count - 1] + 1 : 0;
  let at = 10 + 2 * count;
  at += 2 + glyph.getUint16(at);
  const flags: number[] = [];
  while (flags.length < points) {
    const flag = glyph.getUint8(at++);
    const times = flag & 8 ? glyph.getUint8(at++) : 0;
    for (let i = 0; i <= times; i++) flags.push(flag);
  }
  const coordinates = (short: number, same: number): number[] => {
    let value = 0;
    return flags.map((flag) => {
      if (flag & short) value += (flag & same ? 1 : -1) * glyph.getUint8(at++);
      else if (!(flag & same)) {
        value += glyph.getInt16(at);
        at += 2;
      }
      return value;
    });
  };
  const xs = coordinates(2, 16);
  const ys = coordinates(4, 32);
  return ends.map((end, i) => {
    const start = i === 0 ? 0 : ends[i - 1] + 1;
    return polygon(
      Array.from({ length: end + 1 - start }, (_, k): Point => {
        const p = start + k;
        return [xs[p], -ys[p], (flags[p] & 1) !== 0];
      }),
    );
  });
}

/** A closed contour of lines and quadratic curves, as points on it. */
function polygon(points: readonly Point[]): Contour {
  // Between two points off the curve there is one on it.
  const full = points.flatMap(([x, y, on], i): Point[] => {
    const [x0, y0, before] = points[(i + points.length - 1) % points.length];
    const middle: Point = [(x0 + x) / 2, (y0 + y) / 2, true];
    return on || before ? [[x, y, on]] : [middle, [x, y, on]];
  });
  return full.flatMap(([x, y, on], i) => {
    if (on) return [x, y];
    const [x0, y0] = full[(i + full.length - 1) % full.length];
    const [x1, y1] = full[(i + 1) % full.length];
    return Array.from({ length: PIECES - 1 }, (_, k) => {
      const t = (k + 1) / PIECES;
      const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
      return [a * x0 + b * x + c * x1, a * y0 + b * y + c * y1];
    }).flat();
  });
}
