import { ArgumentError } from '../errors';
import { describeValue } from '../options';

/**
 * The learning rate after `step` finished steps, as a factor of the base rate. A schedule is a
 * function of the step alone, so that it needs no state of its own:
 * `optimizer.lr = base * schedule(step)`.
 */
export type Schedule = (step: number) => number;

/** Always the base rate. */
export const constant: Schedule = () => 1;

function checkSteps(name: string, argument: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new ArgumentError(
    `${name}: ${argument} = ${describeValue(value)}; an integer from 1 is needed`,
  );
}

/** Times gamma every `stepSize` steps. */
export function stepDecay(stepSize: number, gamma = 0.1): Schedule {
  checkSteps('stepDecay', 'stepSize', stepSize);
  return (step) => gamma ** Math.floor(step / stepSize);
}

/** Times gamma every step. */
export function exponentialDecay(gamma: number): Schedule {
  return (step) => gamma ** step;
}

/**
 * Half a cosine from 1 down to `floor` over `total` steps (Loshchilov and Hutter, 2017).
 *
 * @example
 * ```ts
 * import { cosine } from 'lethe/optim';
 *
 * const schedule = cosine(100, 0.1); // factors of the learning rate, step by step
 * console.log([0, 50, 100].map((step) => schedule(step).toFixed(2))); // [ '1.00', '0.55', '0.10' ]
 * ```
 */
export function cosine(total: number, floor = 0): Schedule {
  checkSteps('cosine', 'total', total);
  return (step) => floor + ((1 - floor) * (1 + Math.cos((Math.PI * step) / total))) / 2;
}

/** In a straight line from `start` to `end` over `total` steps, then `end`. */
export function linearRamp(total: number, start: number, end: number): Schedule {
  checkSteps('linearRamp', 'total', total);
  return (step) => start + (end - start) * Math.min(step / total, 1);
}

/**
 * From nearly 0 to 1 over the first `steps` steps, then `after`, whose steps count from there.
 *
 * @example
 * ```ts
 * import { cosine, warmup } from 'lethe/optim';
 *
 * const schedule = warmup(9, cosine(100)); // an option of `Trainer`
 * console.log([0, 4, 9, 59, 109].map((step) => schedule(step).toFixed(2)).join(' ')); // 0.10 0.50 1.00 0.50 0.00
 * ```
 */
export function warmup(steps: number, after: Schedule = constant): Schedule {
  checkSteps('warmup', 'steps', steps);
  return (step) => (step < steps ? (step + 1) / (steps + 1) : after(step - steps));
}
