/** Stretches of unused addresses, sorted, none beside another: neighbours are joined. */
export class FreeList {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Bytes in all stretches. */
  get bytes(): number {
    return this.#starts.reduce((sum, start, i) => sum + this.#ends[i] - start, 0);
  }

  /** The stretches, for tests. */
  get stretches(): readonly (readonly [start: number, end: number])[] {
    return this.#starts.map((start, i) => [start, this.#ends[i]]);
  }

  /** How much of an unused stretch ends at `end`. */
  endingAt(end: number): number {
    const last = this.#ends.lastIndexOf(end);
    return last < 0 ? 0 : end - this.#starts[last];
  }

  /** Takes `bytes` out of the smallest stretch that has them; undefined when none has. */
  take(bytes: number): number | undefined {
    let best = -1;
    let room = Infinity;
    for (let i = 0; i < this.#starts.length; i++) {
      const size = this.#ends[i] - this.#starts[i];
      if (size < bytes || size >= room) continue;
      best = i;
      room = size;
    }
    if (best < 0) return undefined;
    const start = this.#starts[best];
    if (room === bytes) {
      this.#starts.splice(best, 1);
      this.#ends.splice(best, 1);
    } else this.#starts[best] += bytes;
    return start;
  }

  /** Adds a stretch that lies in none of the others. */
  give(start: number, bytes: number): void {
    let at = 0;
    let behind = this.#starts.length;
    while (at < behind) {
      const middle = (at + behind) >> 1;
      if (this.#starts[middle] < start) at = middle + 1;
      else behind = middle;
    }
    const end = start + bytes;
    const joinsBefore = at > 0 && this.#ends[at - 1] === start;
    const joinsAfter = at < this.#starts.length && this.#starts[at] === end;
    if (joinsBefore && joinsAfter) {
      this.#ends[at - 1] = this.#ends[at];
      this.#starts.splice(at, 1);
      this.#ends.splice(at, 1);
    } else if (joinsBefore) this.#ends[at - 1] = end;
    else if (joinsAfter) this.#starts[at] = start;
    else {
      this.#starts.splice(at, 0, start);
      this.#ends.splice(at, 0, end);
    }
  }
}
