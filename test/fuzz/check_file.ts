/** What must hold of a file, whatever is in it: it is refused by an error of Lethe, or read as it says. */
import { LetheError } from '../../src/index';
import type { Device } from '../../src/index';
import { decodeSafetensors } from '../../src/io/index';
import type { Original } from './files';
import { lengthOf } from './mutate';

/** More than any of these files asks for. */
const LARGEST_ALLOCATION = 64 * 2 ** 20;

interface Entry {
  dtype: string;
  data_offsets: [number, number];
}

/** Of one element, as the format has it, by what JavaScript has for it. */
const READERS: Readonly<
  Record<string, readonly [bytes: number, (view: DataView, at: number) => number]>
> = {
  F64: [8, (view, at) => view.getFloat64(at, true)],
  F32: [4, (view, at) => view.getFloat32(at, true)],
  I32: [4, (view, at) => view.getInt32(at, true)],
  U32: [4, (view, at) => view.getUint32(at, true)],
  I64: [8, (view, at) => Number(view.getBigInt64(at, true))],
  BF16: [
    2,
    (view, at) => {
      const word = new DataView(new ArrayBuffer(4));
      word.setUint16(0, view.getUint16(at, true));
      return word.getFloat32(0);
    },
  ],
  F16: [2, (view, at) => half(view.getUint16(at, true))],
};

function half(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : fraction * 2 ** -24);
}

/** What is read otherwise than its header says; '' where all is as it says. */
function misread(bytes: Uint8Array): string {
  const { tensors } = decodeSafetensors(bytes);
  const data = 8 + lengthOf(bytes);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, data))) as Record<
    string,
    Entry
  >;
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  if (names.length !== tensors.size)
    return `${tensors.size} tensors, the header has ${names.length}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const name of names) {
    const { dtype, data_offsets: offsets } = header[name];
    const [size, at] = READERS[dtype];
    const found = tensors.get(name)!.data;
    const count = (offsets[1] - offsets[0]) / size;
    if (found.length !== count) return `${name}: ${found.length} elements, its bytes are ${count}`;
    for (let i = 0; i < count; i++) {
      const value = at(view, data + offsets[0] + size * i);
      if (!Object.is(found[i], value))
        return `${name}[${i}] is ${found[i]}, its bytes say ${value}`;
    }
  }
  return '';
}

/** Whether a file was refused, and what is wrong with that; '' where nothing is. */
export interface Verdict {
  readonly refused: boolean;
  readonly problem: string;
}

/** Reads a file that somebody has changed. */
export async function checkFile(
  bytes: Uint8Array<ArrayBuffer>,
  { read }: Original,
  device: Device,
): Promise<Verdict> {
  const { backend } = device;
  const { liveTensors } = device.memory();
  const alloc = backend.alloc.bind(backend);
  let largest = 0;
  // On top of the method of its class.
  backend.alloc = (dtype, length) => {
    largest = Math.max(largest, length);
    return alloc(dtype, length);
  };
  let refused = false;
  try {
    const problem = misread(bytes);
    if (problem !== '') return { refused, problem };
    await read(bytes, device);
  } catch (error) {
    refused = true;
    const typed = error instanceof LetheError;
    if (!typed) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { refused, problem: `an error that is none of Lethe's: ${text}` };
    }
  } finally {
    Reflect.deleteProperty(backend, 'alloc');
  }
  if (largest > LARGEST_ALLOCATION) return { refused, problem: `${largest} elements at once` };
  const left = device.memory().liveTensors - liveTensors;
  return { refused, problem: left === 0 ? '' : `${left} tensors are left behind` };
}
