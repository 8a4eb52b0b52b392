import type { DType } from '../backend/dtype';
import { ArgumentError, DTypeError, IndexError, ShapeError } from '../errors';
import { sequenceMask as sequenceMaskKernel } from '../kernels/sequence_mask';
import { describeValue } from '../options';
import { formatShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { checkDevices, checkShapeIs, emptyLike, run } from './common';

/**
 * Lengths of sequences as a tensor: i32 of [batch], each from 0 to `time`. Those that the host wrote are
 * looked at now, and before every replay of a step that is being recorded.
 *
 * @param batch how many there must be; any number, when left out.
 * @throws ArgumentError, DTypeError, ShapeError, DisposedError, or IndexError for a length out of range.
 */
export function checkLengthsTensor(
  operation: string,
  lengths: Tensor,
  time: number,
  batch?: number,
): void {
  checkDevices(operation, { lengths });
  if (lengths.dtype !== 'i32') {
    throw new DTypeError(
      `${operation}: lengths is ${lengths.dtype}; pass them as tensor(device, lengths, [${batch ?? 'batch'}], ` +
        "{ dtype: 'i32' })",
    );
  }
  const { shape, device } = lengths;
  if (batch !== undefined) checkShapeIs(operation, 'lengths', lengths, [batch]);
  else if (shape.length !== 1) {
    throw new ShapeError(
      `${operation}: lengths has shape ${formatShape(shape)}; [batch] is needed`,
    );
  }
  const check = (): void => checkRange(operation, lengths.ids ?? [], time);
  check();
  device.notes?.checks.push(check);
}

function checkRange(
  operation: string,
  lengths: Int32Array | readonly number[],
  time: number,
): void {
  const at = lengths.findIndex((length) => length < 0 || length > time);
  if (at < 0) return;
  throw new IndexError(
    `${operation}: lengths holds ${lengths[at]} at position ${at}; sequences have 0 to ${time} steps`,
  );
}

/** Throws ArgumentError for what is no number of steps. */
export function checkSteps(operation: string, time: number): void {
  if (Number.isInteger(time) && time >= 0) return;
  throw new ArgumentError(
    `${operation}: time = ${describeValue(time)}; an integer from 0 is needed`,
  );
}

/**
 * 1 at the steps of each sequence, 0 behind its end: [time, batch], without a gradient. A recorded step that
 * makes it makes it anew at every replay.
 *
 * @param lengths i32 of [batch], each from 0 to `time`.
 * @throws ArgumentError, DTypeError, ShapeError, OutOfMemoryError, or IndexError for a length out of range.
 */
export function sequenceMask(lengths: Tensor, time: number, dtype: DType = 'f32'): Tensor {
  checkSteps('sequenceMask', time);
  checkLengthsTensor('sequenceMask', lengths, time);
  if (dtype !== 'f32' && dtype !== 'f64') {
    throw new DTypeError(`sequenceMask: dtype is ${describeValue(dtype)}; f32 or f64 is needed`);
  }
  const shape = [time, lengths.size];
  lengths.device.checkFits(`sequenceMask: time = ${time}: the result`, shape, dtype);
  const out = emptyLike(lengths, shape, dtype);
  run(sequenceMaskKernel, { lengths, out }, { time, batch: lengths.size });
  return out;
}
