import { signal } from '@preact/signals';

import { after } from '../shared/after';

const NAME = 'lethe-studio';
/** Milliseconds between two looks at who has the lock, until somebody has it. */
const LOOK_INTERVAL_MS = 250;

export const HELD_ELSEWHERE =
  'Another tab holds the runs; this one keeps nothing until that is closed.';

/**
 * Why this page keeps no runs now; null once it keeps them, until it is closed; undefined until that is
 * known. The page asks, and not its worker, which may be replaced.
 */
export const refusal = signal<string | null | undefined>(undefined);

/** In this tab's storage, which outlives a reload: it held the lock. */
const HELD_HERE = 'lethe-studio-lock';
/** Milliseconds that a waiting tab leaves the lock to a page that is reloaded. */
const RELOAD_GRACE_MS = 5000;

/** Asks for the lock, and waits for it as long as it takes: a page that closes may let go late. */
async function ask(): Promise<void> {
  if (!('locks' in navigator)) {
    throw new Error('it is served neither by https nor from localhost');
  }
  wait().catch(refuse);
  // A lock that is slow to come is told by its holder from one that another page has, never by time.
  while (refusal.peek() === undefined) {
    const { held = [] } = await navigator.locks.query();
    const elsewhere = held.some(({ name }) => name === NAME);
    if (refusal.peek() !== undefined) return;
    if (elsewhere) refusal.value = HELD_ELSEWHERE;
    else await after(LOOK_INTERVAL_MS);
  }
}

async function wait(): Promise<void> {
  const heldBefore = sessionStorage.getItem(HELD_HERE) !== null;
  // The page that had it may only be reloaded, and finds it free then.
  const keeps = () => heldBefore || refusal.peek() === undefined;
  while (!(await take({}, keeps))) {
    await after(RELOAD_GRACE_MS);
    if (await take({ ifAvailable: true }, () => true)) return;
  }
}

/** True once this page has the lock, and keeps it; false where it is not free, or not kept. */
function take(options: LockOptions, keeps: () => boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(NAME, options, (lock) => {
        if (!lock || !keeps()) return resolve(false);
        sessionStorage.setItem(HELD_HERE, '');
        refusal.value = null;
        resolve(true);
        return new Promise<void>(() => {});
      })
      .catch(reject);
  });
}

function refuse(error: unknown): void {
  refusal.value = `This browser keeps nothing for this page (${String(error)}).`;
}

ask().catch(refuse);
