/** @typedef {{ dtype: string, data_offsets: number[] }} Entry */
/** @typedef {Record<string, string>} Metadata */

/**
 * A safetensors file of float32 tensors with bfloat16 in their place, rounded to nearest even.
 *
 * @param {Uint8Array} bytes
 * @param {(metadata: Metadata) => Metadata} [change] gives the metadata of the file that is returned.
 * @returns {Buffer<ArrayBuffer>}
 */
export function inBfloat16(bytes, change = (metadata) => metadata) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const json = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  /** @type {{ __metadata__: Metadata } & Record<string, Entry>} */
  const { __metadata__, ...entries } = JSON.parse(json);
  const words = new Uint32Array(new Uint8Array(bytes.subarray(8 + length)).buffer);
  const halves = Uint16Array.from(words, (word) => (word + 0x7fff + ((word >> 16) & 1)) >>> 16);
  for (const entry of Object.values(entries)) {
    if (entry.dtype !== 'F32') throw new Error(`a tensor of ${entry.dtype}`);
    entry.dtype = 'BF16';
    entry.data_offsets = entry.data_offsets.map((at) => at / 2);
  }
  const start = Buffer.from(JSON.stringify({ __metadata__: change(__metadata__), ...entries }));
  const file = Buffer.alloc(8 + Math.ceil(start.length / 8) * 8 + halves.byteLength, ' ');
  file.writeBigUInt64LE(BigInt(file.length - 8 - halves.byteLength));
  start.copy(file, 8);
  Buffer.from(halves.buffer).copy(file, file.length - halves.byteLength);
  return file;
}
