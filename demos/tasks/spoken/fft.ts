/**
 * The power spectrum of real samples, by a radix-2 fast Fourier transform.
 *
 * Source: Cooley and Tukey, "An algorithm for the machine calculation of complex Fourier series", 1965.
 */
export class PowerSpectrum {
  readonly size: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #reversed: Uint32Array;
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  /** @param size samples, a power of two. */
  constructor(size: number) {
    this.size = size;
    const half = size / 2;
    this.#cos = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float64Array.from({ length: half }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
    this.#reversed = new Uint32Array(size);
    for (let i = 1; i < size; i++) {
      this.#reversed[i] = (this.#reversed[i >> 1] >> 1) | (i & 1 ? half : 0);
    }
    this.#re = new Float64Array(size);
    this.#im = new Float64Array(size);
  }

  /**
   * |X[k]|^2 for k from 0 to size / 2.
   *
   * @param samples at most `size`; zeros follow.
   * @param out size / 2 + 1 numbers, written.
   */
  of(samples: Float64Array, out: Float64Array): void {
    const { size } = this;
    const [re, im, cos, sin] = [this.#re, this.#im, this.#cos, this.#sin];
    for (let i = 0; i < size; i++) re[this.#reversed[i]] = i < samples.length ? samples[i] : 0;
    im.fill(0);
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const i = start + k;
          const j = i + half;
          const w = k * stride;
          const real = re[j] * cos[w] - im[j] * sin[w];
          const imaginary = re[j] * sin[w] + im[j] * cos[w];
          re[j] = re[i] - real;
          im[j] = im[i] - imaginary;
          re[i] += real;
          im[i] += imaginary;
        }
      }
    }
    for (let k = 0; k <= size / 2; k++) out[k] = re[k] * re[k] + im[k] * im[k];
  }
}
