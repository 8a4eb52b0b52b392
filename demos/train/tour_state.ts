import { signal } from '@preact/signals';

/** Where the browser remembers that the tour was offered. */
const SEEN = 'lethe-studio-tour';

function stored(): boolean {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    // Forbidden: it is offered at each visit.
    return false;
  }
}

/** Taken, or declined. */
export const tourSeen = signal(stored());
export const touring = signal(false);

export function endTour(): void {
  touring.value = false;
  tourSeen.value = true;
  try {
    localStorage.setItem(SEEN, 'yes');
  } catch {
    // As above.
  }
}
