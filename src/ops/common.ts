import type { DType } from '../backend/dtype';
import type { Bindings, Kernel, Params, ParamValues } from '../backend/kernel';
import { ArgumentError, DeviceError, DTypeError, IndexError, ShapeError } from '../errors';
import { fill } from '../kernels/fill';
import { formatShape, sameShape } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { checkTensor, empty } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';

/**
 * Runs a kernel on tensors of one device.
 *
 * @throws ArgumentError when a tensor that is written shares its memory with another one bound.
 */
export function run<B extends Bindings, P extends Params>(
  kernel: Kernel<B, P>,
  tensors: { readonly [K in keyof B]: Tensor },
  params: ParamValues<P>,
): void {
  const buffers: Partial<Record<keyof B, Tensor['buffer']>> = {};
  const bound = Object.entries<Tensor>(tensors);
  const [[, { device }]] = bound;
  for (const [name, value] of bound) {
    buffers[name as keyof B] = value.buffer;
    if (value.device !== device) {
      throw new DeviceError(`${kernel.name}: ${name} lives on another device`);
    }
    const { access } = kernel.bindings[name];
    if (access === 'in') continue;
    // A GPU refuses this, and the rest of the batch with it.
    if (bound.some(([other, tensor]) => other !== name && tensor.shares(value))) {
      throw new ArgumentError(`${kernel.name}: ${name} is written, and bound a second time`);
    }
    if (access === 'inout') value.bumpVersion();
  }
  device.run(kernel, buffers as Record<keyof B, Tensor['buffer']>, params);
}

/** A tensor on the device of `x`, with undefined contents, for a kernel to fill. */
export function emptyLike(x: Tensor, shape: Shape = x.shape, dtype: DType = x.dtype): Tensor {
  return empty(x.device, shape, dtype);
}

/** A tensor on the device of `x` and of its dtype, filled on the device. */
export function fullLike(x: Tensor, shape: Shape, value: number): Tensor {
  const result = emptyLike(x, shape);
  run(fill, { out: result }, { n: result.size, value });
  return result;
}

export function zerosLike(x: Tensor): Tensor {
  return fullLike(x, x.shape, 0);
}

/**
 * Throws DeviceError unless all tensors live on one device, and ArgumentError where one is no tensor;
 * names by argument.
 */
export function checkDevices(operation: string, tensors: Readonly<Record<string, Tensor>>): void {
  // A freed tensor is found here, before anything is allocated.
  const named = Object.entries(tensors);
  for (const [name, x] of named) {
    checkTensor(operation, name, x);
    void x.buffer;
  }
  const [first, ...others] = named;
  for (const [name, other] of others) {
    if (other.device === first[1].device) continue;
    throw new DeviceError(
      `${operation}: ${first[0]} lives on ${first[1].device.description}, ${name} on ` +
        `${other.device.description}; make both on one device`,
    );
  }
}

/** Throws DTypeError unless the floating-point tensors share one dtype, and DeviceError as above. */
export function checkFloats(operation: string, tensors: Readonly<Record<string, Tensor>>): void {
  checkDevices(operation, tensors);
  const entries = Object.entries(tensors);
  for (const [name, value] of entries) {
    if (value.dtype !== 'f32' && value.dtype !== 'f64') {
      throw new DTypeError(`${operation}: ${name} is ${value.dtype}; f32 or f64 is needed`);
    }
    if (value.dtype !== entries[0][1].dtype) {
      throw new DTypeError(
        `${operation}: ${entries[0][0]} is ${entries[0][1].dtype} and ${name} ${value.dtype}; ` +
          'make both of one dtype',
      );
    }
  }
}

/** What a linear layer or a plain recurrent one may pass its sums through. */
export const NONLINEARITIES = ['tanh', 'relu', 'sigmoid'] as const;
/** A pointwise function by name: tanh, relu or sigmoid. */
export type Nonlinearity = (typeof NONLINEARITIES)[number];

/** Throws ArgumentError unless `value` is tanh, relu or sigmoid. */
export function checkNonlinearity(operation: string, name: string, value: Nonlinearity): void {
  if (NONLINEARITIES.includes(value)) return;
  throw new ArgumentError(
    `${operation}: ${name} = ${String(value)}; choose one of ${NONLINEARITIES.join(', ')}`,
  );
}

/** Throws ShapeError naming the argument, its shape, and the one that is needed. */
export function checkShapeIs(operation: string, name: string, x: Tensor, shape: Shape): void {
  if (sameShape(x.shape, shape)) return;
  throw new ShapeError(
    `${operation}: ${name} has shape ${formatShape(x.shape)}; ${formatShape(shape)} is needed`,
  );
}

/**
 * Throws DTypeError unless `ids` is i32, and IndexError with the position of the first id outside
 * [0, size), now and before every replay of a step that is being recorded. Ids that a kernel made are not read back:
 * kernels skip those outside.
 */
export function checkIds(
  operation: string,
  name: string,
  ids: Tensor,
  size: number,
  ignore?: number,
): void {
  if (ids.dtype !== 'i32') {
    throw new DTypeError(
      `${operation}: ${name} is ${ids.dtype}; pass ids as tensor(device, ids, shape, { dtype: 'i32' })`,
    );
  }
  const check = (): void => checkRange(operation, name, ids, size, ignore);
  check();
  ids.device.notes?.checks.push(check);
}

function checkRange(
  operation: string,
  name: string,
  ids: Tensor,
  size: number,
  ignore: number | undefined,
): void {
  const values = ids.ids ?? [];
  for (let i = 0; i < values.length; i++) {
    const id = values[i];
    if ((id >= 0 && id < size) || id === ignore) continue;
    throw new IndexError(
      `${operation}: ${name} holds ${id} at position ${i} of shape ${formatShape(ids.shape)}; ` +
        `ids run from 0 to ${size - 1}`,
    );
  }
}
