/** A word, and the ways in which it is said, the usual one first. */
export interface Entry {
  readonly word: string;
  readonly phones: readonly (readonly string[])[];
}
