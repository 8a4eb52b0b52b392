/** A sequence and what it is to become, as lists of tokens: characters, phones or words. */
export interface Pair {
  readonly source: readonly string[];
  readonly target: readonly string[];
}

export interface PairSets<P extends Pair = Pair> {
  readonly train: readonly P[];
  readonly valid: readonly P[];
  readonly test: readonly P[];
}
