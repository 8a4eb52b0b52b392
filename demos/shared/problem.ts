import {
  ArgumentError,
  DeviceError,
  DeviceLostError,
  NonFiniteError,
  TextError,
} from '../../src/errors';
import { messageOf } from '../../src/io/reason';

/**
 * An error, as the page shows it. The kind is told by class in the worker: an Error loses its class
 * on the way, and a minified build the name of it.
 */
export interface Problem {
  kind: 'argument' | 'text' | 'device' | 'lost' | 'diverged' | 'other';
  message: string;
}

/** What to show of an error. */
export function problemOf(error: unknown): Problem {
  return { kind: kindOf(error), message: messageOf(error) };
}

function kindOf(error: unknown): Problem['kind'] {
  if (error instanceof ArgumentError) return 'argument';
  if (error instanceof TextError) return 'text';
  if (error instanceof NonFiniteError) return 'diverged';
  if (error instanceof DeviceLostError) return 'lost';
  if (error instanceof DeviceError) return 'device';
  return 'other';
}
