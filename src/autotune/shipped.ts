/** Choices for the adapters that an expression fits: by kernel and size class, the name of a configuration. */
export interface Shipped {
  readonly adapters: RegExp;
  readonly fastest: Readonly<Record<string, string>>;
}

/**
 * What trials have found on adapters that are known; none so far. It serves until `device.tune()` has found
 * something itself. `npm run shipped -- FILE` prints an entry for each adapter in a tuning file.
 */
export const SHIPPED: readonly Shipped[] = [];

/** The choices for an adapter, by its name in `Tunable`. @internal */
export function shippedFor(adapter: string, among = SHIPPED): Readonly<Record<string, string>> {
  const fitting = among.filter(({ adapters }) => adapters.test(adapter));
  return Object.assign({}, ...fitting.map(({ fastest }) => fastest)) as Record<string, string>;
}
