/** What is used of the package, which has no types of its own. */
declare module 'fourier-transform' {
  /**
   * The discrete Fourier transform of real numbers, as many as a power of two.
   *
   * @returns real and imaginary parts for k from 0 to half of the numbers. The next call overwrites them, if `output` is not given.
   */
  export function fft(
    input: Float32Array | Float64Array,
    output?: [re: Float64Array, im: Float64Array],
  ): [re: Float64Array, im: Float64Array];
}
