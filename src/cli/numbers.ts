import { InvalidArgumentError } from 'commander';

/** Parses a flag's number; the trainer checks its range. */
export function number(value: string): number {
  const result = Number(value);
  if (value.trim() === '' || !Number.isFinite(result)) {
    throw new InvalidArgumentError('a number is needed.');
  }
  return result;
}

/** Parses a flag's whole number; the trainer checks its range. */
export function integer(value: string): number {
  const result = number(value);
  if (!Number.isInteger(result)) throw new InvalidArgumentError('an integer is needed.');
  return result;
}

/** Parses a flag's whole number from 0. */
export function count(value: string): number {
  const result = number(value);
  if (!Number.isInteger(result) || result < 0) {
    throw new InvalidArgumentError('an integer from 0 is needed.');
  }
  return result;
}

export function bitsPerCharacter(nats: number): number {
  return nats / Math.LN2;
}

/** A number in so many digits after the point at most, for JSON. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** A number in so many significant digits at most. */
export function significant(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** A loss for people; a runaway one in powers of ten. */
export function lossText(loss: number, digits = 3): string {
  return Math.abs(loss) < 1e4 ? loss.toFixed(digits) : loss.toExponential(2);
}

/** 12,345 */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** 3h 12m, 2m 05s, 12s */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const s = Math.ceil(seconds);
  if (s >= 3600)
    return `${Math.floor(s / 3600)}h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')}m`;
  if (s >= 60) return `${Math.floor(s / 60)}m ${String(s % 60).padStart(2, '0')}s`;
  return `${s}s`;
}
