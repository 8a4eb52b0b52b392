import { ArgumentError } from '../errors';

/** The fastest plans found: for an adapter, and a kernel with its size class, the plan's name. */
export type Tuning = Record<string, Record<string, string>>;

/** Of this process: what one device found is true for the next on the same adapter. */
const known = new Map<string, Map<string, string>>();

/** What is known of an adapter; grows with what is found. @internal */
export function tuningOf(adapter: string): Map<string, string> {
  let plans = known.get(adapter);
  if (!plans) known.set(adapter, (plans = new Map<string, string>()));
  return plans;
}

/** All that trials have found so far, or that was imported, as plain JSON: for the next process. */
export function exportTuning(): Tuning {
  return Object.fromEntries(
    [...known].map(([adapter, plans]) => [adapter, Object.fromEntries(plans)]),
  );
}

/**
 * Takes over what `exportTuning` gave, over what is known. A plan that no longer exists does no harm.
 *
 * @throws ArgumentError when it is something else.
 */
export function importTuning(tuning: unknown): void {
  const entries = entriesOf(tuning).map(([adapter, plans]) => [adapter, entriesOf(plans)] as const);
  for (const [adapter, plans] of entries) {
    for (const [key, plan] of plans) {
      if (typeof plan !== 'string') throw malformed(plan);
      tuningOf(adapter).set(key, plan);
    }
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(value);
  return Object.entries(value);
}

function malformed(value: unknown): ArgumentError {
  return new ArgumentError(
    `importTuning: ${JSON.stringify(value)} is not what exportTuning gives (plans by adapter and kernel)`,
  );
}
