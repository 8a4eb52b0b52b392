import type { Batch, HostArray } from '../data/batch';
import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import type { Device } from '../tensor/device';
import { formatShape, numel } from '../tensor/shape';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { BatchTensors } from './task';

/**
 * A batch on the device: i32 where the host's array is an Int32Array, else f32.
 *
 * @throws ArgumentError naming an array that does not fill its shape.
 */
export function batchTensors<B extends Batch>(device: Device, batch: B): BatchTensors<B> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(batch)) {
    const { shape, data } = checkHostArray(name, value);
    tensors[name] = tensor(device, data, shape, { dtype: dtypeOf(value) });
  }
  return tensors as BatchTensors<B>;
}

/** What an array of a batch becomes on the device. */
export function dtypeOf({ data }: HostArray): 'i32' | 'f32' {
  return data instanceof Int32Array ? 'i32' : 'f32';
}

/** @throws ArgumentError for what is no array with its shape. */
export function checkHostArray(name: string, value: HostArray): HostArray {
  const { shape, data } = (value ?? {}) as Partial<HostArray>;
  const arrays = data instanceof Int32Array || data instanceof Float32Array;
  if (!Array.isArray(shape) || !arrays) {
    throw new ArgumentError(
      `the batch's ${name} = ${describeValue(value)}; { shape, data } with an Int32Array or a Float32Array is needed`,
    );
  }
  if (numel(shape) === data.length) return value;
  throw new ArgumentError(
    `the batch's ${name} has ${data.length} values for ${formatShape(shape)}; ${numel(shape)} are needed`,
  );
}
