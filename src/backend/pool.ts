/** Bytes that a pool may keep beyond what was ever in use at once. */
const SLACK_BYTES = 64 * 2 ** 20;

/**
 * Freed memory kept for reuse, by exact size: a training step asks for the same sizes again and
 * again. It keeps no more than was in use at the peak, and a little; the sizes unused for longest go
 * first.
 */
export class Pool<T> {
  readonly #items = new Map<string, { bytes: number; list: T[] }>();
  #pooled = 0;
  #inUse = 0;
  #peak = 0;

  /** Bytes kept. */
  get bytes(): number {
    return this.#pooled;
  }

  /** An item of this kind, if there is one; in any case the bytes count as in use. */
  take(kind: string, bytes: number): T | undefined {
    this.#inUse += bytes;
    this.#peak = Math.max(this.#peak, this.#inUse);
    const item = this.#items.get(kind)?.list.pop();
    if (item !== undefined) this.#pooled -= bytes;
    return item;
  }

  put(kind: string, bytes: number, item: T): void {
    const list = this.#items.get(kind)?.list ?? [];
    list.push(item);
    // Behind the others: a map keeps the order of insertion.
    this.#items.delete(kind);
    this.#items.set(kind, { bytes, list });
    this.#inUse -= bytes;
    this.#pooled += bytes;
  }

  /** Forgets the peak: what was in use then is not to come again. */
  settle(): void {
    this.#peak = this.#inUse;
  }

  /** Takes out what is too much. */
  evict(): T[] {
    const evicted: T[] = [];
    for (const [kind, { bytes, list }] of this.#items) {
      if (this.#pooled <= this.#peak + SLACK_BYTES) break;
      evicted.push(...list);
      this.#pooled -= bytes * list.length;
      this.#items.delete(kind);
    }
    return evicted;
  }

  /** Takes out everything. */
  clear(): T[] {
    const all = [...this.#items.values()].flatMap(({ list }) => list);
    this.#items.clear();
    this.#pooled = 0;
    return all;
  }
}
