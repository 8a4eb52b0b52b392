import { ArgumentError, DeviceError, DeviceLostError, TextError } from '../../src/errors';
import { messageOf } from '../../src/io/reason';
import type { Problem } from './protocol';

/** What to show of an error. */
export function problemOf(error: unknown): Problem {
  return { kind: kindOf(error), message: messageOf(error) };
}

function kindOf(error: unknown): Problem['kind'] {
  if (error instanceof ArgumentError) return 'argument';
  if (error instanceof TextError) return 'text';
  if (error instanceof DeviceLostError) return 'lost';
  if (error instanceof DeviceError) return 'device';
  return 'other';
}
