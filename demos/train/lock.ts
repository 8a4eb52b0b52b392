import { signal } from '@preact/signals';

const NAME = 'lethe-studio';
/** Milliseconds between two looks at who has the lock, until somebody has it. */
const LOOK_EVERY = 250;

export const HELD_ELSEWHERE =
  'Another tab holds the runs; this one keeps nothing until that is closed.';

/**
 * Why this page keeps no runs now; null once it keeps them, until it is closed; undefined until that is
 * known. The page asks, and not its worker, which may be replaced.
 */
export const refusal = signal<string | null | undefined>(undefined);

/** Asks for the lock, and waits for it as long as it takes: a page that closes may let go late. */
async function ask(): Promise<void> {
  if (!('locks' in navigator)) {
    throw new Error('it is served neither by https nor from localhost');
  }
  navigator.locks
    .request(NAME, () => {
      refusal.value = null;
      return new Promise(() => {});
    })
    .catch(refuse);
  // A lock that is slow to come is told by its holder from one that another page has, never by time.
  while (refusal.peek() === undefined) {
    const { held = [] } = await navigator.locks.query();
    const elsewhere = held.some(({ name }) => name === NAME);
    if (refusal.peek() !== undefined) return;
    if (elsewhere) refusal.value = HELD_ELSEWHERE;
    else await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

function refuse(error: unknown): void {
  refusal.value = `This browser keeps nothing for this page (${String(error)}).`;
}

ask().catch(refuse);
