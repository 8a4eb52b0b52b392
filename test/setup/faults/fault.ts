/** A test: a file under test/, and the title of a test in it, or the first text of a row of its tables. */
export type Shown = readonly [file: string, title: string];

/** What can go wrong, what happens then, and the tests that show it. */
export interface Fault {
  readonly fault: string;
  readonly happens: string;
  readonly tests: readonly Shown[];
}
