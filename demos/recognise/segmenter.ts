/** Seconds of a block whose loudness is measured. */
const BLOCK = 0.02;
/** Speech is so many times as loud as what was the quietest lately, and as loud as this at least. */
const ABOVE = 3.5;
const LEAST = 0.008;
/** Growth of the quiet in a block, so that it follows a room that gets louder. */
const RISE = 1.01;
/** Seconds of quiet that end a piece, those kept around it, and its bounds. */
const PAUSE = 0.26;
const AROUND = 0.08;
const SHORTEST = 0.08;
const LONGEST = 1.6;

/** Cuts out of a stream of sound what is said, piece by piece. */
export class Segmenter {
  readonly #rate: number;
  readonly #block: number;
  /** From the last piece on, or of the last second. */
  #kept: number[] = [];
  /** Samples of it that were looked at. */
  #seen = 0;
  #quiet = Infinity;
  /** Where in it the piece begins and was loud last; -1 for none. */
  #start = -1;
  #loud = -1;

  constructor(sampleRate: number) {
    this.#rate = sampleRate;
    this.#block = Math.round(BLOCK * sampleRate);
  }

  /** Takes samples in; gives a piece once the quiet behind it is heard. */
  push(samples: Float32Array): Float32Array<ArrayBuffer> | null {
    for (const sample of samples) this.#kept.push(sample);
    while (this.#kept.length - this.#seen >= this.#block) {
      const from = this.#seen;
      this.#seen += this.#block;
      const loudness = this.#loudness(from);
      const speaks = loudness > Math.max(LEAST, ABOVE * this.#quiet);
      this.#quiet = Math.min(this.#quiet * RISE, Math.max(loudness, 1e-5));
      if (speaks) {
        if (this.#start < 0) this.#start = from;
        this.#loud = this.#seen;
      }
      const piece = this.#start >= 0 ? this.#ended() : null;
      if (piece) return piece;
      if (this.#start < 0) this.#drop(this.#seen - this.#rate);
    }
    return null;
  }

  #loudness(from: number): number {
    let squares = 0;
    for (let i = from; i < from + this.#block; i++) squares += this.#kept[i] ** 2;
    return Math.sqrt(squares / this.#block);
  }

  /** The piece, if it is over and long enough. */
  #ended(): Float32Array<ArrayBuffer> | null {
    const rate = this.#rate;
    const over = this.#seen - this.#loud >= PAUSE * rate;
    if (!over && this.#seen - this.#start < LONGEST * rate) return null;
    const [start, end] = [this.#start, this.#loud];
    this.#start = this.#loud = -1;
    if (end - start < SHORTEST * rate) return null;
    const around = Math.round(AROUND * rate);
    const piece = Float32Array.from(this.#kept.slice(Math.max(0, start - around), end + around));
    this.#drop(this.#seen);
    return piece;
  }

  /** Forgets the first samples. */
  #drop(count: number): void {
    if (count <= 0) return;
    this.#kept = this.#kept.slice(count);
    this.#seen -= count;
  }
}
