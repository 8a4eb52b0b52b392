import type { DType } from '../backend/dtype';
import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import type { Shape } from '../tensor/shape';

/** Throws ArgumentError unless every size is an integer from 1. */
export function checkSizes(owner: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isInteger(size) && size >= 1) continue;
    throw new ArgumentError(
      `${owner}: ${name} = ${describeValue(size)}; an integer from 1 is needed`,
    );
  }
}

/**
 * Refuses parameters that the device cannot hold, before any is made.
 *
 * @param sizes what the caller chose, for the message.
 * @param shapes of the parameters, by name.
 * @throws ArgumentError unless `device` is one and every size an integer from 1.
 * @throws DTypeError when the device has no such elements.
 * @throws OutOfMemoryError when one does not fit into a buffer of the device.
 */
export function checkParameters(
  owner: string,
  device: Device,
  dtype: DType | undefined,
  sizes: Readonly<Record<string, number>>,
  shapes: Readonly<Record<string, Shape>>,
): void {
  checkDevice(owner, device);
  checkSizes(owner, sizes);
  const element = dtype ?? 'f32';
  device.checkDType(element);
  const chosen = Object.entries(sizes).map(([name, size]) => `${name} = ${size}`);
  for (const [name, shape] of Object.entries(shapes)) {
    device.checkFits(`${owner}: ${chosen.join(', ')}: ${name}`, shape, element);
  }
}
