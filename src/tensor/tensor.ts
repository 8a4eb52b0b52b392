import { hostArray } from '../backend/dtype';
import type { DeviceBuffer } from '../backend/backend';
import type { DType, NumberArray } from '../backend/dtype';
import { ArgumentError, DisposedError, DTypeError, ShapeError } from '../errors';
import { fill } from '../kernels/fill';
import { checkOptions, describeValue } from '../options';
import { checkDevice } from './device';
import type { Device } from './device';
import type { GraphNode } from './graph_node';
import { adopt } from './scope';
import { checkShape, formatShape, numel } from './shape';
import type { Shape } from './shape';
import type { Storage } from './storage';
import { TENSOR_OPTIONS } from './tensor_options';
import type { TensorOptions } from './tensor_options';
import { checkValues, exactArray } from './values';

interface TensorInit {
  device: Device;
  shape: Shape;
  storage: Storage;
}

/**
 * A value on a device: element type, shape, memory (always contiguous, row-major), and, when an
 * operation made it, its place in the graph. What can be done with tensors are functions
 * (`matmul(a, b)`); only reading and freeing are methods.
 *
 * Who frees a tensor: the graph what lies between the leaves and the root of a `backward`, a
 * `scope` what was made in it, `dispose()` the rest.
 */
export class Tensor {
  /** Where its memory is. */
  readonly device: Device;
  /** The lengths of its dimensions; empty for a scalar. */
  readonly shape: Shape;
  /** @internal */
  node: GraphNode | undefined;
  /** The gradient that `backward` left; for leaves with `requiresGrad`. */
  grad: Tensor | undefined;
  /** True where `backward` is to leave a gradient here, or passes through. */
  requiresGrad = false;
  /** Where the values are; tensors with the same one see the same memory. @internal */
  readonly storage: Storage;
  /** The owner's hold, and one for each graph node that saved this tensor. */
  #holds = 1;
  #owned = true;

  /** Use `tensor`, `zeros` and the like. @internal */
  constructor({ device, shape, storage }: TensorInit) {
    this.device = device;
    this.shape = [...shape];
    this.storage = storage;
    storage.acquire();
    device.countTensors(1);
    adopt(this);
  }

  /** Element type. */
  get dtype(): DType {
    return this.storage.buffer.dtype;
  }

  /** The host's copy of ids that it wrote; see `Storage.ids`. @internal */
  get ids(): Int32Array | undefined {
    return this.storage.ids?.subarray(0, this.size);
  }

  /** Number of elements. */
  get size(): number {
    return numel(this.shape);
  }

  /** False once the owner gave it up, though a graph may still hold the values. @internal */
  get owned(): boolean {
    return this.#owned;
  }

  /** Whether the memory was given up; the tensor cannot be used any more. */
  get disposed(): boolean {
    return this.#holds === 0;
  }

  /** The memory, for kernels. Throws DisposedError after the tensor was freed. @internal */
  get buffer(): DeviceBuffer {
    if (this.#holds === 0) {
      throw new DisposedError(
        `a tensor of shape ${formatShape(this.shape)} was freed (by dispose(), at the end of its ` +
          'scope, or by backward()); detach() it before backward, or return it from the scope',
      );
    }
    return this.storage.buffer;
  }

  /** Counts the changes in place, through this tensor or another that shares its memory. @internal */
  get version(): number {
    return this.storage.version;
  }

  /** To be called with every change in place. @internal */
  bumpVersion(): void {
    this.storage.change();
    this.device.notes?.changed.add(this);
  }

  /** True where both see the same memory, or parts of it. @internal */
  shares(other: Tensor): boolean {
    return this.storage.root === other.storage.root;
  }

  /** True where no other tensor sees this memory. @internal */
  get unshared(): boolean {
    return this.storage.exclusive;
  }

  /** The memory from `offset` on, a multiple of `Backend.partElements`, under a shape. @internal */
  view(shape: Shape, offset = 0): Tensor {
    void this.buffer;
    const { device, storage: own } = this;
    const size = numel(shape);
    const storage = offset === 0 ? own : own.part(device.backend, offset, size);
    return new Tensor({ device, shape, storage });
  }

  /** A copy of the values, row-major, once the device has computed them. */
  async data(): Promise<NumberArray> {
    const { notes } = this.device;
    if (notes) notes.reads = true;
    return await this.device.backend.read(this.buffer, this.size);
  }

  /** The value of a tensor with one element; ShapeError for any other. */
  async item(): Promise<number> {
    if (this.size !== 1) {
      throw new ShapeError(
        `item() reads one element and the shape is ${formatShape(this.shape)}; use data()`,
      );
    }
    return (await this.data())[0];
  }

  /**
   * Overwrites the values from the host; the shape stays.
   *
   * @throws ShapeError when `values` has another number of elements.
   */
  write(values: ArrayLike<number>): void {
    checkValues('write', values);
    if (values.length !== this.size) {
      throw new ShapeError(
        `write: ${values.length} values for a tensor of shape ${formatShape(this.shape)}`,
      );
    }
    const array = exactArray('write', this.dtype, values);
    this.storage.keepIds(array);
    this.bumpVersion();
    this.device.backend.write(this.buffer, array);
  }

  /** Gives up the owner's hold; memory goes back once no graph needs it. Twice is once. */
  dispose(): void {
    if (!this.#owned) return;
    this.#owned = false;
    this.grad?.dispose();
    this.node?.drop();
    this.release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** A hold for as long as a graph node needs the values. @internal */
  retain(): void {
    void this.buffer;
    this.#holds++;
  }

  /** @internal */
  release(): void {
    if (--this.#holds > 0) return;
    this.storage.release();
    this.device.countTensors(-1);
  }
}

/** Throws ArgumentError for what is no tensor, as plain JavaScript may give. */
export function checkTensor(operation: string, name: string, value: Tensor): void {
  if (value instanceof Tensor) return;
  throw new ArgumentError(
    `${operation}: ${name} = ${describeValue(value)}; a tensor is needed, such as ` +
      'tensor(device, values, shape) makes',
  );
}

/** A tensor with undefined contents, for a kernel to fill. @internal */
export function empty(device: Device, shape: Shape, dtype: DType = 'f32'): Tensor {
  checkShape(shape);
  return new Tensor({ device, shape, storage: device.allocate(dtype, numel(shape)) });
}

/**
 * A tensor of `shape` with the given values, row-major.
 *
 * @throws ShapeError when the number of values is not that of the shape.
 * @throws ArgumentError for a value that an integer dtype does not hold.
 * @throws DTypeError when the device lacks the dtype, or an integer tensor is to have a gradient.
 * @example
 * ```ts
 * import { openDevice, tensor } from 'lethe';
 *
 * const device = await openDevice('cpu');
 * const x = tensor(device, [1, 2, 3, 4, 5, 6], [2, 3]);
 * const ids = tensor(device, [7, 0], [2], { dtype: 'i32' });
 * console.log(x.shape, await ids.data()); // [ 2, 3 ] Int32Array(2) [ 7, 0 ]
 * ```
 */
export function tensor(
  device: Device,
  values: ArrayLike<number>,
  shape?: Shape,
  options: TensorOptions = {},
): Tensor {
  checkDevice('tensor', device);
  checkValues('tensor', values);
  checkOptions('tensor', options, TENSOR_OPTIONS);
  return ofValues(device, values, shape ?? [values.length], options);
}

function ofValues(
  device: Device,
  values: ArrayLike<number>,
  shape: Shape,
  { dtype = 'f32', requiresGrad = false }: TensorOptions,
): Tensor {
  device.checkDType(dtype);
  checkShape(shape);
  if (values.length !== numel(shape)) {
    throw new ShapeError(
      `tensor: ${values.length} values do not fill shape ${formatShape(shape)}, ` +
        `which has ${numel(shape)} elements`,
    );
  }
  if (requiresGrad && dtype !== 'f32' && dtype !== 'f64') {
    throw new DTypeError(`tensor: requiresGrad needs f32 or f64, not ${dtype}`);
  }
  const array = exactArray('tensor', dtype, values);
  const storage = device.allocate(dtype, array.length);
  if (dtype === 'i32') storage.startIds(Int32Array.from(array));
  const result = new Tensor({ device, shape, storage });
  device.backend.write(result.buffer, array);
  result.requiresGrad = requiresGrad;
  return result;
}

/** A tensor filled with `value`. */
export function full(
  device: Device,
  shape: Shape,
  value: number,
  options: TensorOptions = {},
): Tensor {
  return filled('full', device, shape, value, options);
}

function filled(
  owner: string,
  device: Device,
  shape: Shape,
  value: number,
  options: TensorOptions,
): Tensor {
  checkDevice(owner, device);
  checkOptions(owner, options, TENSOR_OPTIONS);
  const { dtype = 'f32', requiresGrad = false } = options;
  device.checkDType(dtype);
  if (dtype === 'i32' || dtype === 'u32') {
    checkShape(shape);
    return ofValues(device, hostArray(dtype, numel(shape)).fill(value), shape, options);
  }
  const result = empty(device, shape, dtype);
  device.run(fill, { out: result.buffer }, { n: result.size, value });
  result.requiresGrad = requiresGrad;
  return result;
}

/** A tensor of zeros. */
export function zeros(device: Device, shape: Shape, options: TensorOptions = {}): Tensor {
  return filled('zeros', device, shape, 0, options);
}

/** A tensor of ones. */
export function ones(device: Device, shape: Shape, options: TensorOptions = {}): Tensor {
  return filled('ones', device, shape, 1, options);
}

/** A scalar of shape []. */
export function scalar(device: Device, value: number, options?: TensorOptions): Tensor {
  return tensor(device, [value], [], options);
}
