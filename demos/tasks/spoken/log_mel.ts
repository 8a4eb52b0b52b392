/** Sound as the frames that a recogniser reads: log-mel features, at any sample rate the same. */
import { fft } from 'fourier-transform';
import { ArgumentError, DataError } from 'lethe';

/** Triangular bands, equally wide in mel; all below what a telephone passes (4 kHz). */
export const BANDS = 32;
const LOWEST = 100;
const HIGHEST = 3800;

/** Seconds of a frame, and from one to the next. */
const WINDOW = 0.025;
export const HOP = 0.01;

/** Power that is never undercut, of samples from -1 to 1: below what 16 bits resolve. */
const FLOOR = 1e-9;

/** The lowest rate that has all bands. */
const LEAST_RATE = 8000;

const mel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
const hertzOf = (m: number): number => 700 * (10 ** (m / 2595) - 1);

/**
 * ln of the power in 32 bands from 100 to 3,800 Hz, of Hann windows of 25 ms every 10 ms. The scale is
 * mel = 2595 log10(1 + Hz / 700) (O'Shaughnessy, 1987), and the bands are triangles as in Davis and Mermelstein (1980).
 *
 * @param samples mono, from -1 to 1.
 * @param sampleRate in Hz, at least 8,000.
 * @returns [time, BANDS], time = 1 + floor((samples - 25 ms) / 10 ms).
 * @throws ArgumentError for a lower rate; DataError for less than 25 ms, and for a sample that is not finite, by its number.
 */
export function logMel(samples: Float32Array, sampleRate: number): Float32Array {
  if (!(sampleRate >= LEAST_RATE && sampleRate < Infinity)) {
    throw new ArgumentError(
      `logMel: sampleRate = ${sampleRate}; ${LEAST_RATE} Hz at least are needed`,
    );
  }
  const wrong = samples.findIndex((sample) => !Number.isFinite(sample));
  if (wrong >= 0) throw new DataError(`logMel: sample ${wrong} is ${samples[wrong]}`);
  const window = Math.round(WINDOW * sampleRate);
  const hop = HOP * sampleRate;
  const time = 1 + Math.floor((samples.length - window) / hop);
  if (time < 1) {
    const ms = Math.round((1000 * samples.length) / sampleRate);
    throw new DataError(`logMel: the sound takes ${ms} ms; ${1000 * WINDOW} at least are needed`);
  }
  const size = 2 ** Math.ceil(Math.log2(window));
  const bands = melBands(size, sampleRate);
  const hann = Float64Array.from(
    { length: window },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / window),
  );
  // Power is the mean square of what is in a band, whatever rate and size are.
  const scale = 2 / (size * hann.reduce((sum, value) => sum + value * value, 0));
  // Behind the window it stays 0.
  const windowed = new Float64Array(size);
  const power = new Float64Array(size / 2 + 1);
  const features = new Float32Array(time * BANDS);
  for (let t = 0; t < time; t++) {
    const from = Math.round(t * hop);
    for (let i = 0; i < window; i++) windowed[i] = hann[i] * samples[from + i];
    powerSpectrum(windowed, power);
    for (let b = 0; b < BANDS; b++) {
      const { first, weights } = bands[b];
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * power[first + i];
      features[t * BANDS + b] = Math.log(scale * sum + FLOOR);
    }
  }
  return features;
}

/**
 * |X[k]|^2 for k from 0 to size / 2.
 *
 * @param frame `size` samples, a power of two.
 * @param out size / 2 + 1 numbers, written.
 */
export function powerSpectrum(frame: Float64Array, out: Float64Array): void {
  const [re, im] = fft(frame);
  for (let k = 0; k <= frame.length / 2; k++) out[k] = re[k] * re[k] + im[k] * im[k];
}

/** Of each band the first bin that it weighs, and the weights from there on. */
function melBands(size: number, rate: number): { first: number; weights: number[] }[] {
  const step = (mel(HIGHEST) - mel(LOWEST)) / (BANDS + 1);
  const edge = (i: number): number => (hertzOf(mel(LOWEST) + i * step) * size) / rate;
  return Array.from({ length: BANDS }, (_, b) => {
    const [left, middle, right] = [edge(b), edge(b + 1), edge(b + 2)];
    const first = Math.ceil(left);
    const weights: number[] = [];
    for (let bin = first; bin <= Math.floor(right); bin++) {
      weights.push(
        bin < middle ? (bin - left) / (middle - left) : (right - bin) / (right - middle),
      );
    }
    return { first, weights };
  });
}

/** Frames of 10 ms that stand together as one. */
const STACK = 3;
export const FEATURES = STACK * BANDS;

/** The root mean square that sounds are brought to; fainter ones than a hundredth of it are silence, and stay so. */
const LEVEL = 0.1;

function levelled(samples: Float32Array): Float32Array {
  let squares = 0;
  for (const sample of samples) squares += sample * sample;
  // Let logMel say what is wrong.
  if (!Number.isFinite(squares)) return samples;
  const gain = LEVEL / Math.max(LEVEL / 100, Math.sqrt(squares / samples.length));
  return samples.map((sample) => gain * sample);
}

/**
 * What a recogniser of speech reads: log-mel features of sound of one loudness, less their mean in each band, which
 * takes away the sound of a microphone, divided by the deviation of all, three frames in one.
 *
 * @param samples as of `logMel`, which says what is refused.
 * @returns [time, FEATURES], time about 33 a second.
 */
export function soundToFrames(samples: Float32Array, sampleRate: number): Float32Array {
  const features = logMel(levelled(samples), sampleRate);
  const rows = features.length / BANDS;
  const mean = new Float64Array(BANDS);
  for (let i = 0; i < features.length; i++) mean[i % BANDS] += features[i] / rows;
  let squares = 0;
  for (let i = 0; i < features.length; i++) squares += (features[i] - mean[i % BANDS]) ** 2;
  // Silence, whatever its noise, is not to be blown up to speech.
  const deviation = Math.max(0.5, Math.sqrt(squares / features.length));
  const frames = new Float32Array(Math.ceil(rows / STACK) * FEATURES);
  for (let i = 0; i < features.length; i++) frames[i] = (features[i] - mean[i % BANDS]) / deviation;
  return frames;
}
