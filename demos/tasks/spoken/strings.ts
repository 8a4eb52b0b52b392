/** Strings of digits, from clips of one digit each: side by side with pauses, at another pace, with noise. */
import { Random } from 'lethe';

import type { RecognitionData, Utterance } from '../recognition/utterances';
import { FEATURES, soundToFrames } from './log_mel';
import { drawVoice, RATE, speak } from './voice';
import type { Sound } from './wav';

/** A digit that somebody says. */
export interface Clip extends Sound {
  readonly digit: number;
  readonly speaker: string;
}

/** Digits of the longest string. */
const LONGEST = 5;

export const DIGITS: readonly string[] = Array.from('0123456789');

/** White noise, 8 s of it: to draw it anew each time takes longer than all the rest. */
const HISS = normals(65_536, new Random(6));

function normals(count: number, random: Random): Float32Array {
  return Float32Array.from({ length: count }, () => random.normal());
}

export interface SpokenData extends RecognitionData {
  /** Clips that the strings to learn from are made of. */
  readonly clips: readonly Clip[];
}

/** Clips to learn from, to choose by and to test on. */
export type Clips = Readonly<Record<'train' | 'valid' | 'test', readonly Clip[]>>;

/**
 * Clips one behind the other.
 *
 * @param clips of one sample rate.
 * @param vary whether the pace of each clip varies too, by a tenth.
 */
export function joined(clips: readonly Clip[], random: Random, vary: boolean): Sound {
  const { sampleRate } = clips[0];
  const between = (least: number, most: number) => least + (most - least) * random.uniform();
  const pause = () => Math.round(between(0.04, 0.35) * sampleRate);
  const parts = clips.map(({ samples }) => ({
    samples: vary ? atPace(samples, between(0.9, 1.1)) : samples,
    loud: Math.exp(0.25 * random.normal()) / Math.max(1e-4, rms(samples)),
    before: pause(),
  }));
  const after = pause();
  const length = parts.reduce((sum, { samples, before }) => sum + before + samples.length, after);
  const sound = new Float32Array(length);
  let at = 0;
  for (const { samples, loud, before } of parts) {
    at += before;
    for (let i = 0; i < samples.length; i++) sound[at + i] = loud * samples[i];
    at += samples.length;
  }
  // 15 to 45 dB below the speech.
  const noise = 10 ** (-between(15, 45) / 20);
  const from = Math.floor(random.uniform() * HISS.length);
  for (let i = 0; i < length; i++) {
    sound[i] = 0.1 * (sound[i] + noise * HISS[(from + i) % HISS.length]);
  }
  return { samples: sound, sampleRate };
}

const rms = (samples: Float32Array): number =>
  Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

/** Samples read faster or slower, by straight lines between them; pitch goes with the pace. */
function atPace(samples: Float32Array, pace: number): Float32Array {
  return Float32Array.from({ length: Math.floor((samples.length - 1) / pace) }, (_, i) => {
    const at = Math.floor(i * pace);
    return samples[at] + (i * pace - at) * (samples[at + 1] - samples[at]);
  });
}

/** Strings of 1 to 5 digits, each by one speaker. */
export function drawStrings(
  clips: readonly Clip[],
  count: number,
  seed: number,
  vary: boolean,
): Utterance[] {
  const bySpeaker = new Map<string, Clip[]>();
  for (const clip of clips) {
    bySpeaker.set(clip.speaker, [...(bySpeaker.get(clip.speaker) ?? []), clip]);
  }
  const speakers = [...bySpeaker.values()];
  return Array.from({ length: count }, (_, i) => {
    const random = new Random(seed, i);
    const below = (n: number) => Math.floor(n * random.uniform());
    const own = speakers[below(speakers.length)];
    const said = Array.from({ length: 1 + below(LONGEST) }, () => own[below(own.length)]);
    const { samples, sampleRate } = joined(said, random, vary);
    return {
      frames: soundToFrames(samples, sampleRate),
      labels: said.map(({ digit }) => digit + 1),
    };
  });
}

/** Strings of the clips of each part. */
export function spokenData({ train, valid, test }: Clips): SpokenData {
  return {
    train: drawStrings(train, 3000, 1, true),
    valid: drawStrings(valid, 200, 2, false),
    test: drawStrings(test, 500, 3, false),
    clips: train,
    features: FEATURES,
    alphabet: DIGITS,
  };
}

/** Each digit as `voices` voices say it, `takes` times. */
export function synthesised(voices: number, takes: number, seed: number): Clip[] {
  return Array.from({ length: voices }, (_, v) => {
    const random = new Random(seed, v);
    const voice = drawVoice(random);
    return DIGITS.flatMap((_, digit) =>
      Array.from({ length: takes }, (): Clip => {
        const samples = speak(digit, voice, random);
        return { samples, sampleRate: RATE, digit, speaker: `${seed} ${v}` };
      }),
    );
  }).flat();
}
