/**
 * Philox 4x32-10, a counter-based generator: the same (key, counter) gives the same bits on every
 * device, in any order. `shaders/lib/philox.wgsl` is its twin.
 *
 * Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** The upper 32 bits of a 32 x 32 bit product, by 16-bit limbs. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/** Writes the four output words for `counter` (4 words) under `key` (2 words) to `out`. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
  out: Uint32Array,
): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = mulHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** A word to a uniform float in [0, 1): 24 bits, so that f32 holds it exactly. */
export function toUniform(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** Where a `Random` stands; plain numbers, so that a checkpoint can hold it. */
export interface RandomState {
  /** Unsigned 32-bit. */
  seed: number;
  /** Separates independent sequences of one seed; unsigned 32-bit. */
  stream: number;
  /** Numbers drawn so far. */
  drawn: number;
}

/** A sequence of random numbers on the host: initial weights, samples. */
export class Random {
  readonly #key: readonly [number, number];
  readonly #block = new Uint32Array(4);
  readonly #seed: number;
  #drawn: number;

  /** @param seed any integer; its low 32 bits count. */
  constructor(seed: number, stream = 0, drawn = 0) {
    this.#seed = seed >>> 0;
    this.#key = [this.#seed, stream >>> 0];
    this.#drawn = drawn;
  }

  /** A source that goes on where another one of this `state` stood. */
  static from(state: RandomState): Random {
    return new Random(state.seed, state.stream, state.drawn);
  }

  /** Where it stands, in plain numbers that a checkpoint can hold. */
  get state(): RandomState {
    return { seed: this.#seed, stream: this.#key[1], drawn: this.#drawn };
  }

  /** The next 32 bits. */
  bits(): number {
    const block = Math.floor(this.#drawn / 4);
    const lane = this.#drawn % 4;
    philox([block >>> 0, Math.floor(block / 2 ** 32) >>> 0, 0, 0], this.#key, this.#block);
    this.#drawn++;
    return this.#block[lane];
  }

  /** Uniform in [0, 1), 24 bits. */
  uniform(): number {
    return toUniform(this.bits());
  }

  /** Standard normal, by Box and Muller (1958); takes two numbers from the sequence. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
