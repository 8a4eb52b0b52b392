/** Changes of a safetensors file: of its bytes, of its header, and of the JSON that a checkpoint has in its metadata. */
import type { Random } from '../../src/index';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Bytes = Uint8Array<ArrayBuffer>;

/** In the place of what JSON.stringify does not write; see `textOf`. */
const RAW = '\u0001';
/** Before a key that is there already: once more under the same name. */
const AGAIN = '\u0002';

const NUMBERS = [0, -1, 1, 2, 0.5, 4096, 2 ** 27, 2 ** 31, 2 ** 52, 2 ** 53, 1e300, -0.001];
const WORDS = ['NaN', 'Infinity', '-Infinity', '1e999', '01', 'undefined', '{"a":1,"a":2}'];
const KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'format', 'lethe'];
const TYPES = ['F16', 'BF16', 'F32', 'F64', 'I32', 'I64', 'U32', 'U8', 'BOOL', 'toString'];
const BYTES = [...new TextEncoder().encode('0123456789"\\{}[]:,-.eE '), 0, 0x7f, 0x80, 0xff];

/** Draws what becomes of a file. */
export class Mutator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  #below(n: number): number {
    return Math.floor(this.#random.uniform() * n);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)];
  }

  /** @param other a file to take parts of. */
  mutate(file: Bytes, other: Bytes): Bytes {
    let bytes = file.slice();
    for (let i = 1 + this.#below(3); i > 0; i--) {
      const structured = this.#random.uniform() < 0.55;
      bytes = structured ? this.#editHeader(bytes) : this.#editBytes(bytes, other);
    }
    return bytes;
  }

  /** A place: in the length, in the header or anywhere. */
  #place(bytes: Bytes): number {
    const ends = [
      Math.min(8, bytes.length),
      Math.min(8 + lengthOf(bytes), bytes.length),
      bytes.length,
    ];
    return this.#below(this.#pick(ends));
  }

  #editBytes(bytes: Bytes, other: Bytes): Bytes {
    const at = this.#place(bytes);
    const until = Math.min(at + this.#below(64), bytes.length);
    const from = this.#below(other.length);
    const part = other.subarray(from, from + this.#below(64));
    const kinds: (() => Bytes)[] = [
      () => changed(bytes, at, bytes[at] ^ (1 << this.#below(8))),
      () => changed(bytes, at, this.#pick(BYTES)),
      () => changed(bytes, at, this.#below(256)),
      // Cut off.
      () => bytes.slice(0, at),
      // Longer.
      () => joined(bytes, part),
      // A part is missing, is there twice, or is of another file.
      () => joined(bytes.subarray(0, at), bytes.subarray(until)),
      () => joined(bytes.subarray(0, until), bytes.subarray(at)),
      () => joined(bytes.subarray(0, at), part, bytes.subarray(at)),
      () => joined(bytes.subarray(0, at), part, bytes.subarray(at + part.length)),
      () => joined(bytes.subarray(0, at), other.subarray(Math.min(at, other.length))),
      // Another length of the header.
      () => withLength(bytes, BigInt(lengthOf(bytes) + this.#below(17) - 8)),
      () => withLength(bytes, this.#pick([0n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n])),
      () => withLength(bytes, this.#pick([100_000_000n, 100_000_001n, BigInt(bytes.length - 8)])),
    ];
    return this.#pick(kinds)();
  }

  #editHeader(bytes: Bytes): Bytes {
    const end = 8 + lengthOf(bytes);
    let header: Json;
    try {
      header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, end))) as Json;
    } catch {
      return this.#editBytes(bytes, bytes);
    }
    const metadata = isObject(header) ? header['__metadata__'] : undefined;
    const inside = isObject(metadata)
      ? Object.keys(metadata).filter((key) => isObject(parsed(metadata[key])))
      : [];
    if (isObject(metadata) && inside.length > 0 && this.#random.uniform() < 0.6) {
      // What a checkpoint says of itself is JSON in a string of the header.
      const key = this.#pick(inside);
      const value = parsed(metadata[key])!;
      this.#editJson(value);
      metadata[key] = textOf(value);
    } else {
      this.#editJson(header);
    }
    const text = new TextEncoder().encode(textOf(header));
    const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
    padded.set(text);
    return withLength(
      joined(new Uint8Array(8), padded, bytes.subarray(end)),
      BigInt(padded.length),
    );
  }

  /** Changes a value somewhere in it. */
  #editJson(root: Json): void {
    const places = [...placesIn(root)];
    if (places.length === 0) return;
    const [parent, key] = this.#pick(places);
    const value = parent[key];
    const kinds: (() => void)[] = [
      () => (parent[key] = this.#pick(NUMBERS)),
      () => (parent[key] = this.#pick<Json>([null, true, false, '', 'x', [], {}, [[]]])),
      () => (parent[key] = RAW + this.#pick(WORDS)),
      () => delete parent[key],
      () => put(parent, this.#pick(KEYS), value),
      () => {
        delete parent[key];
        put(parent, this.#pick(KEYS), value);
      },
      () => (parent[AGAIN + key] = value),
      () => {
        if (typeof value === 'number') parent[key] = value + this.#pick([-8, -4, -1, 1, 4, 8]);
        else if (typeof value === 'string') parent[key] = this.#pick([...TYPES, `${value}x`]);
        else if (Array.isArray(value))
          parent[key] = this.#pick([value.toReversed(), [...value, 1]]);
      },
      // What is elsewhere in it.
      () => {
        const [from, name] = this.#pick(places);
        parent[key] = structuredClone(from[name]);
      },
    ];
    this.#pick(kinds)();
  }
}

export function lengthOf(bytes: Uint8Array): number {
  if (bytes.length < 8) return 0;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return length > BigInt(bytes.length - 8) ? bytes.length - 8 : Number(length);
}

function changed(bytes: Bytes, at: number, value: number): Bytes {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

function withLength(bytes: Bytes, length: bigint): Bytes {
  const copy = bytes.slice();
  if (copy.length >= 8) new DataView(copy.buffer).setBigUint64(0, BigInt.asUintN(64, length), true);
  return copy;
}

function joined(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: Json | undefined): Json | undefined {
  try {
    return JSON.parse(text as string) as Json;
  } catch {
    return undefined;
  }
}

/** As a key of its own, `__proto__` too. */
function put(parent: { [key: string]: Json }, key: string, value: Json): void {
  const field = { value, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(parent, key, field);
}

function* placesIn(value: Json): Generator<[{ [key: string]: Json }, string]> {
  if (typeof value !== 'object' || value === null) return;
  const parent = value as { [key: string]: Json };
  for (const key of Object.keys(parent)) {
    yield [parent, key];
    yield* placesIn(parent[key]);
  }
}

/** As JSON.stringify, and with what it does not write: words that are no JSON, and keys twice. */
function textOf(value: Json): string {
  if (typeof value === 'string' && value.startsWith(RAW)) return value.slice(RAW.length);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${Array.from(value, (one) => textOf(one ?? null)).join(',')}]`;
  const fields = Object.entries(value).map(([key, one]) => {
    return `${JSON.stringify(key.replaceAll(AGAIN, ''))}:${textOf(one)}`;
  });
  return `{${fields.join(',')}}`;
}
