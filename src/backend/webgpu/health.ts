import { DeviceLostError, OutOfMemoryError, ShaderError } from '../../errors';
import type { DeviceError } from '../../errors';

/** What went wrong on a GPU device. */
export class Health {
  /** Settles with the reason when the device is gone. */
  readonly lost: Promise<string>;
  readonly #device: GPUDevice;
  #error: DeviceError | undefined;
  #gone: string | undefined;

  /** @param onLost Called before `lost` settles. */
  constructor(device: GPUDevice, onLost: () => void) {
    this.#device = device;
    this.lost = device.lost.then(({ reason, message }) => {
      this.#gone = `${reason}${message ? `: ${message}` : ''}`;
      onLost();
      return this.#gone;
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#error ??=
        error.constructor.name === 'GPUOutOfMemoryError'
          ? new OutOfMemoryError(`${error.message}; use a smaller batch, sequence or layer`)
          : new ShaderError(error.message);
    });
  }

  get gone(): boolean {
    return this.#gone !== undefined;
  }

  get failed(): boolean {
    return this.#error !== undefined;
  }

  /** Takes the place of what is known: a shader's own report tells more than what followed from it. */
  report(error: DeviceError): void {
    this.#error = error;
  }

  destroy(): void {
    this.#gone = 'destroyed';
  }

  /** @throws DeviceLostError when the device is gone. */
  checkPresent(): void {
    if (this.#gone === undefined) return;
    throw new DeviceLostError(`the GPU device is gone (${this.#gone}); open another one`);
  }

  /**
   * Throws what went wrong. An error stays: with a refused command the rest of its batch is lost, and
   * nothing computed since can be trusted.
   */
  throwError(): void {
    if (this.#error) throw this.#error;
  }

  /** Waits a moment for the news that the device is gone, where something failed. */
  async settle(): Promise<void> {
    const patience = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 100));
    await Promise.race([this.#device.lost, patience]);
  }
}
