/** WAV files of plain samples. */
import { DataError } from 'lethe';

export interface Sound {
  /** Mono, from -1 to 1; the mean of the channels. */
  readonly samples: Float32Array;
  /** In Hz. */
  readonly sampleRate: number;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/** Of each coding, how a sample is read at a place. */
const READERS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  [`${PCM} of 8`]: (view, at) => (view.getUint8(at) - 128) / 128,
  [`${PCM} of 16`]: (view, at) => view.getInt16(at, true) / 2 ** 15,
  [`${PCM} of 24`]: (view, at) => (view.getInt16(at + 1, true) * 256 + view.getUint8(at)) / 2 ** 23,
  [`${PCM} of 32`]: (view, at) => view.getInt32(at, true) / 2 ** 31,
  [`${FLOAT} of 32`]: (view, at) => view.getFloat32(at, true),
};

/**
 * Reads a RIFF WAVE file: integers of 8 to 32 bits, or floats of 32.
 *
 * @throws DataError saying what is wrong, and how such a file is made.
 */
export function readWav(bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number): string =>
    at + 4 <= bytes.length ? String.fromCharCode(...bytes.subarray(at, at + 4)) : '';
  if (tag(0) !== 'RIFF' || tag(8) !== 'WAVE') {
    throw new DataError('this is no WAV file; save the sound as WAV, PCM of 16 bits');
  }
  let format: { coding: string; channels: number; sampleRate: number; bytes: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = tag(at);
    const start = at + 8;
    // Programs that stream leave the length of the data at 0xffffffff, and files may be cut off.
    const size = Math.min(view.getUint32(at + 4, true), bytes.length - start);
    if (name === 'fmt ' && size >= 16) {
      const code = view.getUint16(start, true);
      const plain = code === EXTENSIBLE && size >= 26 ? view.getUint16(start + 24, true) : code;
      const bits = view.getUint16(start + 14, true);
      format = {
        coding: `${plain} of ${bits}`,
        channels: view.getUint16(start + 2, true),
        sampleRate: view.getUint32(start + 4, true),
        bytes: bits / 8,
      };
    } else if (name === 'data') {
      if (!format) break;
      return { samples: mono(view, start, size, format), sampleRate: format.sampleRate };
    }
    at = start + size + (size % 2);
  }
  throw new DataError(
    `the WAV file has no ${format ? 'data' : 'format before its data'}; it is damaged`,
  );
}

function mono(
  view: DataView,
  start: number,
  size: number,
  { coding, channels, bytes }: { coding: string; channels: number; bytes: number },
): Float32Array {
  const read = READERS[coding] as (typeof READERS)[string] | undefined;
  if (!read || channels === 0) {
    const [code, bits] = coding.split(' of ');
    throw new DataError(
      `the WAV file has ${channels} channels of coding ${code} with ${bits} bits; save it as PCM of 16 bits`,
    );
  }
  const samples = new Float32Array(Math.floor(size / (bytes * channels)));
  for (let i = 0; i < samples.length; i++) {
    for (let c = 0; c < channels; c++) {
      samples[i] += read(view, start + (i * channels + c) * bytes) / channels;
    }
  }
  return samples;
}
