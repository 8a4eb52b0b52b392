/** Ids of characters, in as few bytes as their vocabulary allows; all are read alike. */
export type Ids = Uint8Array | Uint16Array | Int32Array;

/** Room for `length` ids of a vocabulary of `size` characters. */
export function idArray(size: number, length: number): Ids {
  const room = Math.ceil(length);
  if (size <= 0x100) return new Uint8Array(room);
  return size <= 0x10000 ? new Uint16Array(room) : new Int32Array(room);
}
