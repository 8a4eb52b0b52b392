import { computed, effect, signal, untracked } from '@preact/signals';

import { source } from './form';
import type { Sample } from './protocol';
import { phase, samples } from './store';
import { timelineOf } from './timeline';

/** Characters that appear in a second: quick, and to be followed. */
const PACE = 90;
/** As many as the network writes. */
const EXCERPT_CHARACTERS = 320;
/** Between two changes of the text, each of which the browser lays out anew. */
const FRAME_MS = 30;
/** A page that was hidden meanwhile does not catch up. */
const MAX_FRAME_MS = 100;

/** What the network wrote along the way, the first sample first. */
export const timeline = computed(() => timelineOf(samples.value));

/** A sample that appears on the screen, character by character, over what was there before. */
export interface Typing {
  readonly sample: Sample;
  /** Characters that are there. */
  readonly count: number;
  /** What they are written over. */
  readonly before: string;
}

export const typing = signal<Typing | null>(null);

/** Characters of the text that stand where the network is about to write. */
export const excerpt = computed(() => source.value.text.slice(0, EXCERPT_CHARACTERS));

/** Characters of a line, where lines are so short that several fit beside each other. */
const SHORT_LINE_CHARACTERS = 24;

/** True for a text such as a list of names. */
export const shortLines = computed(() =>
  excerpt.value.split('\n').every(({ length }) => length <= SHORT_LINE_CHARACTERS),
);

const lengthOf = ({ text }: Sample): number => Array.from(text).length;

function isWhole({ sample, count }: Typing): boolean {
  return sample.done && count >= lengthOf(sample);
}

/** Begins with a sample; at once with all of it where nobody waits for it to be written. */
function begun(sample: Sample, before: string): Typing {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const shown = still || (phase.peek() === 'paused' && sample.done);
  return { sample, before, count: shown ? lengthOf(sample) : 0 };
}

/** Takes up the newest sample, or more of the one that is appearing; one that has begun is written to its end. */
function take(newest: Sample | undefined): void {
  const now = typing.peek();
  if (!newest) typing.value = null;
  else if (!now) typing.value = begun(newest, excerpt.peek());
  else if (newest.id !== now.sample.id && isWhole(now)) {
    typing.value = begun(newest, now.sample.text);
  } else {
    const same = timeline.peek().find(({ id }) => id === now.sample.id);
    // One that has given way to another is there no more, and was whole.
    const sample = same ?? { ...now.sample, done: true };
    if (sample.text !== now.sample.text || sample.done !== now.sample.done) {
      typing.value = { ...now, sample };
    }
  }
}

/** Lets the newest sample appear, until the function given back is called. */
export function keepTyping(): () => void {
  let frame = 0;
  let last = 0;
  /** Of the sample `id`, characters and a fraction. */
  let [id, exact] = [NaN, 0];
  const waits = (): boolean => {
    const now = typing.value;
    return now !== null && (!isWhole(now) || now.sample.id !== timeline.value.at(-1)?.id);
  };
  const advance = (at: number) => {
    const now = typing.peek();
    if (!now || at - last < FRAME_MS) return;
    if (now.sample.id !== id) [id, exact] = [now.sample.id, now.count];
    exact += (Math.min(at - last, MAX_FRAME_MS) * PACE) / 1000;
    exact = Math.min(exact, lengthOf(now.sample));
    last = at;
    if (Math.floor(exact) > now.count) typing.value = { ...now, count: Math.floor(exact) };
    take(timeline.peek().at(-1));
  };
  const move = (at: number) => {
    frame = 0;
    advance(at);
    untracked(go);
  };
  const go = () => {
    if (waits() && frame === 0) frame = requestAnimationFrame(move);
  };
  const stopTaking = effect(() => take(timeline.value.at(-1)));
  const stopMoving = effect(go);
  return () => {
    stopTaking();
    stopMoving();
    cancelAnimationFrame(frame);
  };
}
