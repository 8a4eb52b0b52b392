import type { Answer } from './asked';
import { problemOf } from './problem';

/** What `work` gives, or what it threw, as an answer to the page. */
export async function answer<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}
