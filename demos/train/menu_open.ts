import { signal } from '@preact/signals';

/** Whether the menu of runs is open. */
export const menuOpen = signal(false);
