import { ArgumentError } from '../errors';
import { estimateMemory } from '../train/memory';
import type { TrainConfig } from '../train/config';
import { grouped } from './numbers';

/**
 * Refuses a model whose weights alone pass the machine's memory, where they are made, before a device is
 * opened. What the device itself takes is found when the model is made.
 *
 * @param memory of the machine, in bytes.
 * @throws ArgumentError with the sizes.
 */
export function checkMemory(config: TrainConfig, vocabularySize: number, memory: number): void {
  const { parameters, weights } = estimateMemory(config, vocabularySize);
  if (weights <= memory) return;
  const megabytes = (bytes: number): string => `${grouped(Math.ceil(bytes / 2 ** 20))} MB`;
  const { hidden, layers } = config;
  throw new ArgumentError(
    `hidden = ${hidden}: with ${layers} layer${layers > 1 ? 's' : ''}, ${grouped(parameters)} weights take ` +
      `${megabytes(weights)}, and this machine has ${megabytes(memory)} of memory; choose fewer units` +
      (layers > 1 ? ' or layers' : ''),
  );
}
