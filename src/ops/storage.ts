import { ArgumentError } from '../errors';

export const STORAGE_FORMATS = ['f32', 'f16'] as const;

/**
 * In what a sweep stores the weights that its steps read, and the activations that
 * it keeps for its gradient alone. Arithmetic is f32 with either. So are parameters, gradients and
 * the optimiser's state: an update is often smaller than half a step from one f16 to the next, and
 * would be lost, so f16 weights are a copy that each sweep makes anew.
 */
export type StorageFormat = (typeof STORAGE_FORMATS)[number];

/** @throws ArgumentError unless `storage` is one of the formats. */
export function checkStorage(owner: string, storage: StorageFormat): void {
  if (STORAGE_FORMATS.includes(storage)) return;
  throw new ArgumentError(
    `${owner}: storage = ${String(storage)}; choose one of ${STORAGE_FORMATS.join(', ')}`,
  );
}
