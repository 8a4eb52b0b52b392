import type { Example } from './example';

/** What `lethe task` trains, in the order of its list. */
export const EXAMPLES: readonly Example[] = [];
