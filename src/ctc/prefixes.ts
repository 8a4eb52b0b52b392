/**
 * The prefixes of a beam search, as a trie: a prefix is a number, 0 is the empty one, and each has the number of
 * the prefix without its last label. One that comes back has the number it had.
 */
export class Prefixes {
  readonly #classes: number;
  readonly #parent: number[] = [-1];
  readonly #label: number[] = [-1];
  readonly #length: number[] = [0];
  /** By parent and label. */
  readonly #children = new Map<number, number>();

  constructor(classes: number) {
    this.#classes = classes;
  }

  /** How many there are. */
  get size(): number {
    return this.#parent.length;
  }

  parentOf(prefix: number): number {
    return this.#parent[prefix];
  }

  /** The last label; -1 of the empty prefix. */
  labelOf(prefix: number): number {
    return this.#label[prefix];
  }

  lengthOf(prefix: number): number {
    return this.#length[prefix];
  }

  /** A prefix, and one label more. */
  child(prefix: number, label: number): number {
    const key = prefix * this.#classes + label;
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    const child = this.#parent.push(prefix) - 1;
    this.#label.push(label);
    this.#length.push(this.#length[prefix] + 1);
    this.#children.set(key, child);
    return child;
  }

  labelsOf(prefix: number): number[] {
    const labels = new Array<number>(this.#length[prefix]);
    for (let at = prefix, i = labels.length - 1; i >= 0; i--, at = this.#parent[at]) {
      labels[i] = this.#label[at];
    }
    return labels;
  }
}

/** The best so many of numbered candidates. Of equal scores the smaller number is the better one. */
export class Best {
  readonly #capacity: number;
  /** A heap with the worst on top. */
  readonly #scores: number[] = [];
  readonly #codes: number[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** What a candidate has to exceed; codes are offered in growing order, so that a tie is lost. */
  get bar(): number {
    return this.#scores.length < this.#capacity ? -Infinity : this.#scores[0];
  }

  offer(score: number, code: number): void {
    if (!(score > this.bar)) return;
    if (this.#scores.length < this.#capacity) this.#rise(score, code);
    else this.#sink(0, score, code);
  }

  /** The codes that are kept, the best first; there is nothing in it then. */
  take(): number[] {
    const codes = new Array<number>(this.#codes.length);
    for (let i = codes.length - 1; i >= 0; i--) {
      codes[i] = this.#codes[0];
      const score = this.#scores.pop()!;
      const code = this.#codes.pop()!;
      if (i > 0) this.#sink(0, score, code);
    }
    return codes;
  }

  #worse(i: number, score: number, code: number): boolean {
    return this.#scores[i] < score || (this.#scores[i] === score && this.#codes[i] > code);
  }

  #rise(score: number, code: number): void {
    let at = this.#scores.push(score) - 1;
    this.#codes.push(code);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#worse(above, score, code)) break;
      this.#scores[at] = this.#scores[above];
      this.#codes[at] = this.#codes[above];
      at = above;
    }
    this.#scores[at] = score;
    this.#codes[at] = code;
  }

  #sink(from: number, score: number, code: number): void {
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.#scores.length) break;
      const right = below + 1;
      if (
        right < this.#scores.length &&
        this.#worse(right, this.#scores[below], this.#codes[below])
      ) {
        below = right;
      }
      if (!this.#worse(below, score, code)) break;
      this.#scores[at] = this.#scores[below];
      this.#codes[at] = this.#codes[below];
      at = below;
    }
    this.#scores[at] = score;
    this.#codes[at] = code;
  }
}
