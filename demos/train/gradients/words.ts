import { NONE } from '../../shared/format';

/** Two significant digits; powers of ten where a number is small or large. */
export function brief(value: number): string {
  if (!Number.isFinite(value)) return 'infinite';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 0.01 && size < 1000) return String(Number(value.toPrecision(3)));
  return value.toExponential(1);
}

/** What the norm does on average, from the loss back to the last step where it is above 0. */
export function course(norms: readonly number[]): string {
  const last = norms.findLastIndex((norm) => norm > 0);
  if (last < 1) return NONE;
  const perStep = Math.log2(norms[last] / norms[0]) / last;
  if (!Number.isFinite(perStep)) return 'explodes';
  const steps = 1 / Math.abs(perStep);
  if (steps > 5 * norms.length) return 'holds';
  const every = steps < 10 ? steps.toPrecision(2) : steps.toFixed(0);
  return `${perStep < 0 ? 'halves' : 'doubles'} every ${every} steps`;
}
