/**
 * Digits spoken by code: a formant synthesiser. A pulse train or noise goes through three resonators, whose
 * frequencies glide from sound to sound; what a voice is of its own are its pitch, the length of its throat, its
 * pace and its breath. It has the order and the glides of English digits. It lacks what makes people hard to
 * understand: accents, sounds that run together, rooms, microphones.
 *
 * Sources: Klatt, "Software for a cascade/parallel formant synthesizer", 1980, for resonators; Peterson and Barney,
 * "Control methods used in a study of the vowels", 1952, for formants.
 */
import type { Random } from 'lethe';

export const RATE = 8000;

interface Phone {
  /** Centres of the resonators, in Hz, of a man's voice. */
  readonly formants: readonly [number, number, number];
  /** Seconds. */
  readonly length: number;
  /** Amplitudes of the pulses and of the noise. */
  readonly voice: number;
  readonly noise: number;
}

const phone = (
  f1: number,
  f2: number,
  f3: number,
  length: number,
  voice = 1,
  noise = 0,
): Phone => ({
  formants: [f1, f2, f3],
  ...{ length, voice, noise },
});

const PHONES: Readonly<Record<string, Phone>> = {
  AA: phone(730, 1090, 2440, 0.13),
  AH: phone(640, 1190, 2390, 0.11),
  AO: phone(570, 840, 2410, 0.14),
  EH: phone(530, 1840, 2480, 0.1),
  IH: phone(390, 1990, 2550, 0.09),
  IY: phone(270, 2290, 3010, 0.13),
  OW: phone(450, 900, 2400, 0.14),
  UW: phone(300, 870, 2240, 0.16),
  R: phone(350, 1200, 1600, 0.07, 0.8),
  W: phone(300, 650, 2200, 0.07, 0.8),
  N: phone(280, 1400, 2500, 0.08, 0.5),
  V: phone(280, 1100, 2300, 0.06, 0.4, 0.05),
  F: phone(1100, 2100, 3100, 0.1, 0, 0.12),
  S: phone(1600, 2700, 3600, 0.12, 0, 0.3),
  Z: phone(300, 2500, 3600, 0.09, 0.3, 0.2),
  TH: phone(1200, 1900, 2900, 0.09, 0, 0.08),
  // Closed, then a burst.
  '-': phone(300, 1500, 2500, 0.05, 0, 0),
  T: phone(1500, 2600, 3500, 0.03, 0, 0.35),
  K: phone(900, 1800, 2500, 0.03, 0, 0.3),
};

const SPELLING = [
  'Z IH R OW',
  'W AH N',
  '- T UW',
  'TH R IY',
  'F AO R',
  'F AA IH V',
  'S IH - K S',
  'S EH V AH N',
  'EH IH - T',
  'N AA IH N',
].map((word) => word.split(' '));

export interface Voice {
  /** Pulses a second, at the beginning of a word. */
  readonly pitch: number;
  /** How pitch falls through a word, as a share. */
  readonly fall: number;
  /** By which formants are multiplied: below 1 a long throat. */
  readonly throat: number;
  /** By which lengths are multiplied. */
  readonly pace: number;
  /** Noise that goes with the pulses. */
  readonly breath: number;
  /** Hz for each resonator. */
  readonly bandwidths: readonly [number, number, number];
  /** Standard deviation by which formants differ each time. */
  readonly unrest: number;
}

export function drawVoice(random: Random): Voice {
  const between = (least: number, most: number) => least + (most - least) * random.uniform();
  const throat = between(0.88, 1.2);
  return {
    // A short throat goes with a high voice, mostly.
    pitch: 120 * throat ** 3 * Math.exp(0.18 * random.normal()),
    fall: between(0, 0.25),
    throat,
    pace: between(0.75, 1.35),
    breath: between(0.01, 0.08),
    bandwidths: [between(50, 110), between(70, 150), between(110, 240)],
    unrest: between(0.01, 0.05),
  };
}

/** A digit as a voice says it, at 8 kHz, from -1 to 1. */
export function speak(digit: number, voice: Voice, random: Random): Float32Array {
  const phones = SPELLING[digit].map((name) => {
    const { formants, length, ...rest } = PHONES[name];
    const own = () => Math.exp(voice.unrest * random.normal());
    return {
      ...rest,
      formants: formants.map((hertz) => Math.min(3850, hertz * voice.throat * own())),
      samples: Math.round(length * voice.pace * Math.exp(0.15 * random.normal()) * RATE),
    };
  });
  const total = phones.reduce((sum, { samples }) => sum + samples, 0);
  const out = new Float32Array(total);
  const resonators = voice.bandwidths.map((bandwidth) => new Resonator(bandwidth));
  let phase = 0;
  let t = 0;
  for (const [i, now] of phones.entries()) {
    const next = phones[i + 1] ?? now;
    const before = phones[i - 1] ?? now;
    for (let k = 0; k < now.samples; k++, t++) {
      // Half of a sound is a glide: from the middle with the one before to that with the next.
      const place = k / now.samples;
      const other = place < 0.5 ? before : next;
      const share = Math.max(0, Math.abs(place - 0.5) - 0.2) / 0.6;
      const between = (a: number, b: number) => a + share * (b - a);
      if (k % 16 === 0) {
        for (const [f, resonator] of resonators.entries()) {
          resonator.tune(between(now.formants[f], other.formants[f]));
        }
      }
      phase += (voice.pitch * (1 - (voice.fall * t) / total)) / RATE;
      const pulse = phase >= 1 ? 1 : 0;
      phase -= pulse;
      const hiss = random.uniform() - 0.5;
      const loud = between(now.voice, other.voice);
      const source =
        loud * (6 * pulse + voice.breath * hiss) + between(now.noise, other.noise) * hiss;
      out[t] = resonators.reduce((x, resonator) => resonator.pass(x), source);
    }
  }
  const peak = out.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6);
  return out.map((x) => (0.8 * x) / peak);
}

/** y[n] = a x[n] + b y[n - 1] + c y[n - 2], with gain 1 at 0 Hz (Klatt, 1980). */
class Resonator {
  readonly #bandwidth: number;
  #a = 0;
  #b = 0;
  #c = 0;
  #last = 0;
  #before = 0;

  constructor(bandwidth: number) {
    this.#bandwidth = bandwidth;
  }

  /** @param hertz of its centre. */
  tune(hertz: number): void {
    const radius = Math.exp((-Math.PI * this.#bandwidth) / RATE);
    this.#c = -radius * radius;
    this.#b = 2 * radius * Math.cos((2 * Math.PI * hertz) / RATE);
    this.#a = 1 - this.#b - this.#c;
  }

  pass(x: number): number {
    const y = this.#a * x + this.#b * this.#last + this.#c * this.#before;
    this.#before = this.#last;
    this.#last = y;
    return y;
  }
}
