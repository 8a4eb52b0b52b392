/** Choices for the adapters that an expression fits: by kernel and size class, the name of a configuration. */
export interface Shipped {
  readonly adapters: RegExp;
  readonly fastest: Readonly<Record<string, string>>;
}

/**
 * What trials have found on adapters that are known. It serves until `device.tune()` has found something
 * itself. `npm run shipped -- FILE` prints an entry for each adapter in a tuning file; what belongs here is
 * where the first candidate is slower by a quarter or more.
 */
export const SHIPPED: readonly Shipped[] = [
  {
    // In Node and in Chromium. Sizes of an LSTM 1x128, batch 32, 50 steps (2026-11-26).
    adapters: /^google swiftshader/,
    fastest: {
      'scan_forward: lstm 6,5,7': '8 rows by 8 x 2 columns, 1 slices',
      'scan_backward: lstm 6,5,7': '8 rows by 8 x 2 columns, 1 slices',
      'softmax_loss: 11,7': 'alone',
      'matmul: scalars 00 0,7,7,11': 'scalars, direct 32',
    },
  },
];

/** The choices for an adapter, by its name in `Tunable`. @internal */
export function shippedFor(adapter: string, among = SHIPPED): Readonly<Record<string, string>> {
  const fitting = among.filter(({ adapters }) => adapters.test(adapter));
  return Object.assign({}, ...fitting.map(({ fastest }) => fastest)) as Record<string, string>;
}
