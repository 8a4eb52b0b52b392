/** Element types. f64 lives on the CPU alone; i32 and u32 hold ids and random counters. */
export type DType = 'f32' | 'f64' | 'i32' | 'u32';

/** The typed arrays of the element types: f32, f64, i32 and u32. */
export type NumberArray = Float32Array | Float64Array | Int32Array | Uint32Array;

const ARRAYS = {
  f32: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  u32: Uint32Array,
} as const;

export function bytesPerElement(dtype: DType): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT;
}

/** A zero-filled host array. */
export function hostArray(dtype: DType, length: number): NumberArray {
  return new ARRAYS[dtype](length);
}

/** A view of `length` elements in a buffer. */
export function arrayAt(
  dtype: DType,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): NumberArray {
  type View = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => NumberArray;
  return new (ARRAYS[dtype] as View)(buffer, byteOffset, length);
}

/** `values` as a host array of `dtype`; the same object where it is one already. */
export function toHostArray(dtype: DType, values: ArrayLike<number>): NumberArray {
  const Constructor = ARRAYS[dtype];
  return values instanceof Constructor ? values : Constructor.from(values);
}
