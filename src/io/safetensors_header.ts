/**
 * The header of a safetensors file: its strict reader, and the checks that reader and writer share.
 */
import { CheckpointError } from '../errors';

/** The limit of the reference implementation, against headers made to exhaust memory. */
export const MAX_HEADER_BYTES = 100_000_000;

/** The first bytes of a zip file, PK\x03\x04. */
const ZIP = 0x504b0304;

export const METADATA = '__metadata__';

/** Bytes per element of each dtype that can be read. */
const ITEM_BYTES = { F64: 8, I64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2 };

type FileDType = keyof typeof ITEM_BYTES;

/** A checked header entry; `begin` and `end` count bytes from the start of the data. */
export interface Entry {
  name: string;
  dtype: FileDType;
  shape: number[];
  begin: number;
  end: number;
}

interface Header {
  entries: Entry[];
  metadata: Record<string, string>;
}

export function headerLength(bytes: Uint8Array, file: string): number {
  check(bytes.length >= 8, `${file} is cut off: ${bytes.length} bytes, and the header needs 8`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  check(
    view.getUint32(0, false) !== ZIP,
    `${file} is a zip file, as PyTorch's .pt and .pth are: convert it in Python, ` +
      "save_file(torch.load('model.pt'), 'model.safetensors') of safetensors.torch",
  );
  const length = view.getBigUint64(0, true);
  check(
    length <= BigInt(MAX_HEADER_BYTES),
    `${file} is no checkpoint: it is not a safetensors file, whose first 8 bytes tell how long its ` +
      `header is: ${length} bytes are over the limit of ${MAX_HEADER_BYTES}`,
  );
  check(
    length <= BigInt(bytes.length - 8),
    `${file} is cut off: its header takes ${length} bytes, and ${bytes.length - 8} follow`,
  );
  return Number(length);
}

export function parseHeader(bytes: Uint8Array, file: string): Header {
  let header: unknown;
  let duplicate: string | undefined;
  try {
    const json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(json);
    duplicate = duplicateKey(json);
  } catch (cause) {
    throw new CheckpointError(`${file}: the header is not JSON: ${String(cause)}`, { cause });
  }
  // The format wants '{' as the first byte; JSON alone would allow white space before it.
  check(isRecord(header) && bytes[0] === 0x7b, `${file}: the header is not a JSON object`);
  check(duplicate === undefined, `${file}: the header gives ${JSON.stringify(duplicate)} twice`);
  const entries: Entry[] = [];
  let metadata = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = readMetadata(value, file);
    else entries.push(readEntry(name, value, file));
  }
  return { entries, metadata };
}

function readMetadata(value: unknown, file: string): Record<string, string> {
  check(isRecord(value), `${file}: ${METADATA} is not an object`);
  const metadata = Object.create(null) as Record<string, string>;
  for (const [key, text] of Object.entries(value)) {
    check(typeof text === 'string', `${file}: metadata ${JSON.stringify(key)} is not a string`);
    metadata[key] = text;
  }
  return metadata;
}

function readEntry(name: string, value: unknown, file: string): Entry {
  const where = tensorOf(file, name);
  check(isRecord(value), `${where}: its entry is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  check(
    typeof dtype === 'string' && isReadable(dtype),
    `${where}: cannot read dtype ${typeof dtype === 'string' ? dtype : typeof dtype}; ` +
      `convert it to one of ${Object.keys(ITEM_BYTES).join(', ')}`,
  );
  check(isSizes(shape), `${where}: shape is not a list of integers from 0 to 2^53 - 1`);
  check(
    isSizes(offsets) && offsets.length === 2 && offsets[0] <= offsets[1],
    `${where}: data_offsets is not [begin, end] with begin <= end`,
  );
  const [begin, end] = offsets;
  const bytes = elementsOf([...shape, ITEM_BYTES[dtype]]);
  check(
    bytes === end - begin,
    `${where}: ${dtype} of shape [${shape.join(', ')}] takes ${bytes ?? 'over 2^53'} bytes, ` +
      `and data_offsets [${begin}, ${end}] give ${end - begin}`,
  );
  return { name, dtype, shape, begin, end };
}

/** Sorts the entries by their data and checks that each byte of it belongs to exactly one. */
export function requireCover(entries: Entry[], dataBytes: number, file: string): void {
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of entries) {
    const fault = begin < covered ? 'overlaps the data before it' : 'leaves a hole before it';
    check(
      begin === covered,
      `${tensorOf(file, name)} at byte ${begin} ${fault}, which ends at ${covered}`,
    );
    covered = end;
  }
  const fault = covered > dataBytes ? 'is cut off' : 'has bytes that belong to no tensor';
  check(
    covered === dataBytes,
    `${file} ${fault}: the header describes ${covered} bytes of data, got ${dataBytes}`,
  );
}

/** The product of the sizes, or undefined when it passes 2^53 - 1 on the way. */
export function elementsOf(sizes: readonly number[]): number | undefined {
  let product = 1;
  for (const size of sizes) {
    product *= size;
    if (!Number.isSafeInteger(product) || size < 0) return undefined;
  }
  return product;
}

/** The first key that one object of valid JSON text repeats; JSON.parse would keep the last. */
function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  const colon = /\s*:/y;
  for (let at = 0; at < json.length; at++) {
    if (json[at] === '{') open.push(new Set());
    else if (json[at] === '}') open.pop();
    else if (json[at] === '"') {
      const end = endOfString(json, at);
      colon.lastIndex = end;
      if (colon.test(json)) {
        const key = JSON.parse(json.slice(at, end)) as string;
        const keys = open[open.length - 1];
        if (keys.has(key)) return key;
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** The index after the quote that closes the string opened at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isReadable(dtype: string): dtype is FileDType {
  return Object.hasOwn(ITEM_BYTES, dtype);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

export function tensorOf(file: string, name: string): string {
  return `${file}: tensor ${JSON.stringify(name)}`;
}

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new CheckpointError(message);
}
