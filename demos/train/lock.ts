import { signal } from '@preact/signals';

const NAME = 'lethe-studio';
/** Milliseconds: a page that is reloaded may find its own lock still held. */
const PATIENCE = 500;

/** True once this page is the one that keeps runs; until it closes. */
export const keepsRuns = signal(false);

/** Why this page may keep nothing, or null. The page asks, and not its worker, which may be replaced. */
export const refusal: Promise<string | null> = ask().then(
  () => {
    keepsRuns.value = true;
    return null;
  },
  (error: unknown) =>
    error instanceof DOMException && error.name === 'AbortError'
      ? 'Another tab has the studio open, and keeps its own run: close that one, and reload.'
      : `This browser keeps nothing for this page (${String(error)}).`,
);

function ask(): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!('locks' in navigator)) {
      throw new Error('it is served neither by https nor from localhost');
    }
    const signal = AbortSignal.timeout(PATIENCE);
    navigator.locks
      .request(NAME, { signal }, () => {
        resolve();
        return new Promise(() => {});
      })
      .catch((error: unknown) => {
        reject(
          signal.aborted ? new DOMException('held elsewhere', 'AbortError') : (error as Error),
        );
      });
  });
}
