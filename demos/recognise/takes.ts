import { computed, signal } from '@preact/signals';

import { Random } from '../../src/random';
import { messageOf } from '../../src/io/reason';
import { openMicrophone } from './microphone';
import type { Microphone } from './microphone';
import type { Sound, Take } from './protocol';
import { Segmenter } from './segmenter';

/** Times that each digit is said: one learns from all but the last. */
const ROUNDS = 3;
/** The rounds that a network can be trained on. */
const LEAST_ROUNDS = 2;
const DIGITS = 10;
export const WANTED = ROUNDS * DIGITS;

/** Milliseconds without a sound after which that is said. */
const SILENCE_MS = 5000;
/** Milliseconds between two looks at what is heard. */
const LOOK_MS = 250;
/** Seconds of it that are looked at. */
const HEARD_SECONDS = 6;

/** What was recorded, the latest last; it never leaves the page. */
export const takes = signal<readonly Take[]>([]);
/** What the microphone is on for. */
export const microphone = signal<'off' | 'opening' | 'takes' | 'listening'>('off');
/** Why there is no microphone. */
export const refused = signal<string | null>(null);
/** Nothing was heard for a while. */
export const silent = signal(false);
/** What is heard, or was heard last. */
export const heard = signal<Sound | null>(null);

/** Whole rounds: what is trained on. */
export const wholeRounds = computed(() =>
  takes.value.slice(0, takes.value.length - (takes.value.length % DIGITS)),
);
/** Enough for a training. */
export const enough = computed(() => wholeRounds.value.length >= LEAST_ROUNDS * DIGITS);
/** The digits of a round in an order of their own. */
export const orderOf = (round: number): readonly number[] => {
  const random = new Random(7, round);
  return Array.from({ length: DIGITS }, (_, digit) => ({ digit, at: random.uniform() }))
    .sort((a, b) => a.at - b.at)
    .map(({ digit }) => digit);
};

/** The digit to say next; null once all are there. */
export const prompt = computed(() => {
  const count = takes.value.length;
  return count >= WANTED ? null : orderOf(Math.floor(count / DIGITS))[count % DIGITS];
});

/** Seconds of quiet around the digits of the example. */
const PAUSE = 0.15;

/** Digits of the last whole round, one behind the other; null before there is one. */
export function sayExample(text: string): Sound | null {
  const whole = wholeRounds.value;
  if (whole.length === 0) return null;
  const said = Array.from(text, (digit) => whole.findLast((take) => take.digit === Number(digit))!);
  const [{ sampleRate }] = said;
  const pause = Math.round(PAUSE * sampleRate);
  const length = said.reduce((sum, { samples }) => sum + samples.length + pause, pause);
  const samples = new Float32Array(length);
  let at = pause;
  for (const take of said) {
    samples.set(take.samples, at);
    at += take.samples.length + pause;
  }
  return { samples, sampleRate };
}

let open: Microphone | undefined;
let waiting: ReturnType<typeof setTimeout> | undefined;

/** Tells of silence unless this is called again soon. */
function heardSomething(): void {
  clearTimeout(waiting);
  silent.value = false;
  waiting = setTimeout(() => (silent.value = true), SILENCE_MS);
}

export function stop(): void {
  clearTimeout(waiting);
  open?.stop();
  open = undefined;
  microphone.value = 'off';
  silent.value = false;
}

async function start(
  use: 'takes' | 'listening',
  hear: (samples: Float32Array, sampleRate: number) => void,
): Promise<void> {
  if (microphone.peek() !== 'off') return;
  microphone.value = 'opening';
  refused.value = null;
  try {
    let rate = 0;
    const opened = await openMicrophone((samples) => {
      if (rate > 0 && microphone.peek() === use) hear(samples, rate);
    });
    // Stopped meanwhile, as another lesson was chosen.
    if (microphone.value !== 'opening') return opened.stop();
    rate = opened.sampleRate;
    open = opened;
    microphone.value = use;
    heardSomething();
  } catch (error) {
    refused.value = messageOf(error);
    stop();
  }
}

/** Records the digits that are asked for, until all are there or `stop`. */
export function recordTakes(): Promise<void> {
  if (prompt.peek() === null) takes.value = [];
  let segmenter: Segmenter | undefined;
  return start('takes', (samples, sampleRate) => {
    segmenter ??= new Segmenter(sampleRate);
    const piece = segmenter.push(samples);
    const digit = prompt.peek();
    if (!piece || digit === null) return;
    heardSomething();
    const round = Math.floor(takes.peek().length / DIGITS);
    takes.value = [...takes.peek(), { digit, round, samples: piece, sampleRate }];
    if (prompt.peek() === null) stop();
  });
}

/** Loudness below which nothing is being said. */
const QUIET = 0.005;

/** Has `heard` be what was said in the last seconds, until `stop`. */
export function listen(): Promise<void> {
  const chunks: Float32Array[] = [];
  let looked = performance.now();
  return start('listening', (samples, sampleRate) => {
    if (Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length) > QUIET) {
      heardSomething();
    }
    chunks.push(samples);
    if (performance.now() - looked < LOOK_MS) return;
    looked = performance.now();
    let count = 0;
    let first = chunks.length;
    while (first > 0 && count < HEARD_SECONDS * sampleRate) count += chunks[--first].length;
    chunks.splice(0, first);
    const all = new Float32Array(count);
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    heard.value = { samples: all, sampleRate };
  });
}
