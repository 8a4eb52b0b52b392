import { problemOf } from './problem';
import type { Problem } from './problem';

/** What the worker answers: an Error would lose its class on the way. */
export type Answer<T> = { value: T } | { problem: Problem };

/** What `work` gives, or what it threw, as an answer to the page. */
export async function answer<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}
