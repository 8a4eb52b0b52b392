const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Hears of Ctrl-C and what else asks a process to end, so that a run is saved first. */
export class StopSignals {
  readonly #abort = new AbortController();

  /** @param told hears of the first, but for a terminal that is gone. */
  constructor(private readonly told: () => void) {
    for (const signal of STOPPING) process.on(signal, this.#stop);
  }

  get stopped(): boolean {
    return this.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  readonly #stop = (signal: NodeJS.Signals): void => {
    // A terminal that closes may say so twice, by the system and by its shell.
    const hangup = signal === 'SIGHUP';
    // The second time there is no waiting; the last checkpoint is whole.
    if (this.stopped && !hangup) process.exit(130);
    if (!this.stopped && !hangup) this.told();
    this.#abort.abort();
  };

  /** Signals end the process again. */
  dispose(): void {
    for (const signal of STOPPING) process.off(signal, this.#stop);
  }
}
