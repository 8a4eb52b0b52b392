import { ArgumentError } from '../errors';

/** Throws ArgumentError unless every size is an integer from 1. */
export function checkSizes(owner: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isInteger(size) && size >= 1) continue;
    throw new ArgumentError(`${owner}: ${name} = ${size}; an integer from 1 is needed`);
  }
}
