import type { Sample } from './protocol';

/** First digits of the steps whose samples are kept: six in each power of ten, about evenly by ratio. */
const KEPT_DIGITS = [1, 1.5, 2, 3, 5, 7];
const FIRST_KEPT_STEP = 10;

/** Whether the sample of this step is kept: 0, 10, 15, 20, 30, 50, 70, 100 and so on. */
export function isKept(step: number): boolean {
  if (step < FIRST_KEPT_STEP) return step === 0;
  return KEPT_DIGITS.includes(step / 10 ** Math.floor(Math.log10(step)));
}

/** Milliseconds between two samples along the way: time to read one. */
const INTERVAL_MS = 6000;
/** Times that a sample took, which training goes on at least before the next that is not kept. */
const INTERVAL_RATIO = 20;

/** A sample that takes longer, in milliseconds, is not waited for when training comes to rest. */
const QUICK_MS = 500;

/** When the next sample along the way is due: at every step that is kept, and while one looks on. */
export class SampleSchedule {
  #endedAt = -Infinity;
  /** Milliseconds; not known before the first. */
  #took: number | undefined;

  /** True where a sample more is no wait. */
  get quick(): boolean {
    return this.#took !== undefined && this.#took < QUICK_MS;
  }

  due(step: number): boolean {
    const interval = Math.max(INTERVAL_MS, INTERVAL_RATIO * (this.#took ?? 0));
    return isKept(step) || performance.now() - this.#endedAt >= interval;
  }

  /** To be called when a sample is whole. */
  wrote(milliseconds: number): void {
    this.#endedAt = performance.now();
    this.#took = milliseconds;
  }
}

/**
 * The samples after another was told of, or more of it, newest first. Of those along the way, one that is
 * not to be kept gives way to the next.
 */
export function withSample(samples: readonly Sample[], added: Sample): readonly Sample[] {
  const others = samples.filter(({ id }) => id !== added.id);
  if (!added.automatic) return [added, ...others];
  const before = others.find(({ automatic }) => automatic);
  const gone = before && !isKept(before.step) ? before : undefined;
  return [added, ...others.filter((one) => one !== gone)];
}

/** What was written along the way, the first sample first. */
export function timelineOf(samples: readonly Sample[]): readonly Sample[] {
  return samples.filter(({ automatic }) => automatic).toReversed();
}
