/** What is learnt from, what tells which model is the best, and what tells how good it is in the end. */
export interface Parts<E> {
  readonly train: readonly E[];
  readonly valid: readonly E[];
  readonly test: readonly E[];
}

/** The `describe` of an example: how many there are of each, for people. */
export function describeParts(things: string): (parts: Parts<unknown>) => string {
  return ({ train, valid, test }) => {
    const [learnt, chosen, tested] = [train, valid, test].map(({ length }) =>
      length.toLocaleString('en'),
    );
    return `${learnt} ${things} to learn from, ${chosen} to choose by, ${tested} to test on`;
  };
}
