import { computed } from '@preact/signals';

import { source } from './form';

const LENGTH = 200_000;

/** The beginning of the text, to look into a model with; never half a character. */
export const excerpt = computed(() =>
  source.value.text.slice(0, LENGTH).replace(/[\uD800-\uDBFF]$/, ''),
);
