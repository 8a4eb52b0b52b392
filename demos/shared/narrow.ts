import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 36rem)');

/** Whether the page is as narrow as on a phone, for what is drawn and not styled. */
export const narrow = signal(query.matches);
query.addEventListener('change', () => (narrow.value = query.matches));
