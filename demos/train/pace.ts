/** Seconds over which the speed is averaged. */
const AVERAGE_SECONDS = 1;

/** Characters that a run reads in a second, of the last second or so of its work. */
export class Pace {
  readonly #charactersPerStep: number;
  /** Of the last report. */
  #step: number;
  /** Worked since. */
  #seconds = 0;
  #average: number | undefined;

  constructor(step: number, charactersPerStep: number) {
    this.#step = step;
    this.#charactersPerStep = charactersPerStep;
  }

  /** Counts time that went into steps. */
  took(milliseconds: number): void {
    this.#seconds += milliseconds / 1000;
  }

  /** Characters per second, now that `step` steps are done. */
  after(step: number): number {
    const seconds = this.#seconds;
    const now = ((step - this.#step) * this.#charactersPerStep) / Math.max(seconds, 1e-6);
    const old = this.#average === undefined ? 0 : Math.exp(-seconds / AVERAGE_SECONDS);
    this.#average = old * (this.#average ?? 0) + (1 - old) * now;
    this.#step = step;
    this.#seconds = 0;
    return this.#average;
  }
}
