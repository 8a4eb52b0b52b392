/**
 * The safetensors format, read and written strictly: 8 bytes of little-endian header length, a
 * JSON header that gives each tensor's dtype, shape and byte range, then the data, which the
 * ranges cover without holes or overlaps. Data moves between file and typed arrays as it is, since
 * every machine that Lethe runs on is little-endian, like the format.
 *
 * Source: https://github.com/huggingface/safetensors#format
 */
import { ArgumentError, CheckpointError } from '../errors';
import { describeValue } from '../options';
import {
  MAX_HEADER_BYTES,
  METADATA,
  check,
  elementsOf,
  headerLength,
  parseHeader,
  requireCover,
  tensorOf,
  type Entry,
} from './safetensors_header';

/** The array that holds the elements of a type. */
export interface SafeArrays {
  /** IEEE 754 binary32. */
  F32: Float32Array;
  /** IEEE 754 binary64. */
  F64: Float64Array;
  /** Signed integers of 32 bits. */
  I32: Int32Array;
  /** Unsigned integers of 32 bits. */
  U32: Uint32Array;
}

/** An element type that Lethe keeps in memory and writes. */
export type SafeDType = keyof SafeArrays;

/** A tensor of a safetensors file: row-major `data` with as many elements as `shape` says. */
export type SafeTensor = {
  [D in SafeDType]: {
    /** Element type. */
    dtype: D;
    /** The lengths of the dimensions; empty for a scalar. */
    shape: readonly number[];
    /** The elements, row-major. */
    data: SafeArrays[D];
  };
}[SafeDType];

/** Tensors to write; a Map also takes a name like `__proto__`. */
export type TensorsByName = Readonly<Record<string, SafeTensor>> | ReadonlyMap<string, SafeTensor>;

/** What {@link decodeSafetensors} reads. */
export interface SafetensorsFile {
  /** By name, in the order of their data. */
  tensors: Map<string, SafeTensor>;
  /** The file's `__metadata__`; an object without prototype, empty when the file has none. */
  metadata: Record<string, string>;
}

const ARRAYS = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U32: Uint32Array };

/**
 * Writes tensors and text metadata as one safetensors file. Equal contents give equal bytes: the
 * data is ordered by descending element size, then by name, which also aligns every tensor to its
 * element size.
 *
 * @throws CheckpointError when a dtype, shape and array do not agree, when a name or metadata entry
 *   cannot be stored, when the header passes 100 MB, or when the file does not fit into memory.
 */
export function encodeSafetensors(
  tensors: TensorsByName,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  check(
    typeof tensors === 'object' && (tensors as unknown) !== null,
    `safetensors: tensors = ${describeValue(tensors)}; tensors by name are needed`,
  );
  const named = isMap(tensors) ? [...tensors] : Object.entries(tensors);
  for (const [name, tensor] of named) requireWritable(name, tensor);
  named.sort(
    ([nameA, a], [nameB, b]) =>
      b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1),
  );

  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) fields.push(metadataField(metadata));
  let size = 0;
  for (const [name, { dtype, shape, data }] of named) {
    const entry = { dtype, shape, data_offsets: [size, size + data.byteLength] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    size += data.byteLength;
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  check(
    headerBytes <= MAX_HEADER_BYTES,
    `safetensors: a header of ${headerBytes} bytes is over the limit of ${MAX_HEADER_BYTES}; ` +
      'store fewer tensors or less metadata',
  );

  return withinMemory('safetensors', () => {
    const file = new Uint8Array(8 + headerBytes + size);
    new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
    file.set(json, 8);
    let at = 8 + headerBytes;
    file.fill(0x20, 8 + json.length, at);
    for (const [, { data }] of named) {
      file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
      at += data.byteLength;
    }
    return file;
  });
}

/**
 * Reads a safetensors file. F16 and BF16 become F32, and I64 becomes I32 where every value fits.
 * The arrays are copies: the file's bytes are free to go.
 *
 * @param bytes The whole file.
 * @param name What to call the file in an error.
 * @throws CheckpointError, and nothing else, when the file is damaged, cut off, made to deceive, or
 *   holds a dtype that Lethe cannot read; ArgumentError for what is no Uint8Array.
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from 'lethe/io';
 *
 * const x = { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) } as const;
 * const bytes = encodeSafetensors(new Map([['x', x]]), { by: 'me' });
 * const { tensors, metadata } = decodeSafetensors(bytes);
 * console.log(tensors.get('x')?.data, metadata.by); // Float32Array(2) [ 1, 2 ] me
 * ```
 */
export function decodeSafetensors(bytes: Uint8Array, name = 'safetensors'): SafetensorsFile {
  if (!(bytes instanceof Uint8Array)) {
    throw new ArgumentError(
      `${name}: bytes = ${describeValue(bytes)}; a Uint8Array is needed: new Uint8Array(arrayBuffer)`,
    );
  }
  return withinMemory(name, () => {
    const dataStart = 8 + headerLength(bytes, name);
    const { entries, metadata } = parseHeader(bytes.subarray(8, dataStart), name);
    const data = bytes.subarray(dataStart);
    requireCover(entries, data.length, name);
    const tensors = new Map<string, SafeTensor>();
    for (const entry of entries) {
      // A fresh buffer for each: offsets may be unaligned, and Buffer's own slice() would not copy.
      const copy = new Uint8Array(entry.end - entry.begin);
      copy.set(data.subarray(entry.begin, entry.end));
      tensors.set(entry.name, toTensor(entry, copy.buffer, name));
    }
    return { tensors, metadata };
  });
}

// ---- writing ----

function requireWritable(name: string, tensor: SafeTensor): void {
  const where = `tensor ${JSON.stringify(name)}`;
  const given: unknown = tensor;
  const { dtype, shape, data } = (given ?? {}) as SafeTensor;
  check(
    typeof data !== 'function',
    `${where} is a Tensor of a device, and its values are still there; saveModule and encodeModule of ` +
      'lethe/nn read and write a module, or give { dtype, shape, data: await tensor.data() }',
  );
  check(
    typeof given === 'object' && given !== null && Array.isArray(shape),
    `${where} = ${describeValue(given)}; { dtype, shape, data } is needed`,
  );
  check(name !== METADATA, `${where}: the name is reserved; rename it`);
  requireWellFormed(name, `the name of ${where}`);
  check(
    Object.hasOwn(ARRAYS, dtype) && data instanceof ARRAYS[dtype],
    `${where}: dtype ${dtype} and ${Object.prototype.toString.call(data)} do not agree; ` +
      'expected F32, F64, I32 or U32 with the typed array of that type',
  );
  check(
    elementsOf(shape) === data.length,
    `${where}: shape [${shape.join(', ')}] does not hold ${data.length} elements`,
  );
}

function metadataField(metadata: Readonly<Record<string, string>>): string {
  for (const [key, value] of Object.entries(metadata)) {
    const where = `metadata ${JSON.stringify(key)}`;
    check(typeof value === 'string', `${where} is not a string; use JSON.stringify`);
    requireWellFormed(key + value, where);
  }
  return `"${METADATA}":${JSON.stringify(metadata)}`;
}

/** Other readers refuse the escape of half a character, so it must not get into a file. */
function requireWellFormed(text: string, what: string): void {
  check(!/\p{Surrogate}/u.test(text), `${what} holds a lone surrogate; use JSON.stringify on it`);
}

// ---- reading ----

function toTensor({ name, dtype, shape }: Entry, buffer: ArrayBuffer, file: string): SafeTensor {
  switch (dtype) {
    case 'F16':
      return { dtype: 'F32', shape, data: widenHalf(new Uint16Array(buffer)) };
    case 'BF16':
      return { dtype: 'F32', shape, data: widenBrain(new Uint16Array(buffer)) };
    case 'I64':
      return { dtype: 'I32', shape, data: narrow(new BigInt64Array(buffer), tensorOf(file, name)) };
    default:
      return { dtype, shape, data: new ARRAYS[dtype](buffer) } as SafeTensor;
  }
}

/** IEEE binary16: 1 sign bit, 5 bits of exponent with bias 15, 10 bits of fraction. */
function widenHalf(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const exponent = (halves[i] >> 10) & 0x1f;
    const fraction = halves[i] & 0x3ff;
    let magnitude = (1024 + fraction) * 2 ** (exponent - 25);
    if (exponent === 0) magnitude = fraction * 2 ** -24;
    if (exponent === 0x1f) magnitude = fraction === 0 ? Infinity : NaN;
    floats[i] = halves[i] & 0x8000 ? -magnitude : magnitude;
  }
  return floats;
}

/** bfloat16 is the upper half of a float32. */
function widenBrain(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i] << 16;
  return new Float32Array(bits.buffer);
}

function narrow(values: BigInt64Array, where: string): Int32Array {
  const ints = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (BigInt.asIntN(32, values[i]) !== values[i]) {
      throw new CheckpointError(`${where}: ${values[i]} at element ${i} does not fit into I32`);
    }
    ints[i] = Number(values[i]);
  }
  return ints;
}

/** `instanceof Map` would turn the types of a ReadonlyMap into any. */
function isMap(tensors: TensorsByName): tensors is ReadonlyMap<string, SafeTensor> {
  return tensors instanceof Map;
}

/** An allocation that fails throws RangeError; a caller has to expect only one type. */
function withinMemory<T>(file: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CheckpointError(`${file} does not fit into memory: ${error.message}`, {
      cause: error,
    });
  }
}
