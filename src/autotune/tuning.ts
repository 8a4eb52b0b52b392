import { ArgumentError } from '../errors';

/** The fastest found: for an adapter, and a kernel with its size class, the configuration's name. */
export type Tuning = Record<string, Record<string, string>>;

/** Of this process: what one device found is true for the next on the same adapter. */
const known = new Map<string, Map<string, string>>();

/** What is known of an adapter; grows with what is found. @internal */
export function tuningOf(adapter: string): Map<string, string> {
  let configs = known.get(adapter);
  if (!configs) known.set(adapter, (configs = new Map<string, string>()));
  return configs;
}

/** All that trials have found so far, or that was imported, as plain JSON: for the next process. */
export function exportTuning(): Tuning {
  return Object.fromEntries(
    [...known].map(([adapter, configs]) => [adapter, Object.fromEntries(configs)]),
  );
}

/**
 * Takes over what `exportTuning` gave, over what is known. A configuration that no longer exists does no harm.
 *
 * @throws ArgumentError when it is something else.
 */
export function importTuning(tuning: unknown): void {
  const entries = entriesOf(tuning).map(
    ([adapter, configs]) => [adapter, entriesOf(configs)] as const,
  );
  for (const [adapter, configs] of entries) {
    for (const [key, config] of configs) {
      if (typeof config !== 'string') throw malformed(config);
      tuningOf(adapter).set(key, config);
    }
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(value);
  return Object.entries(value);
}

function malformed(value: unknown): ArgumentError {
  return new ArgumentError(
    `importTuning: ${JSON.stringify(value)} is not what exportTuning gives (configurations by adapter and kernel)`,
  );
}
