import { computed } from '@preact/signals';

import { source } from './form';

const EXCERPT_CHARACTERS = 200_000;

/** The beginning of the text, to look into a model with; never half a character. */
export const excerpt = computed(() =>
  source.value.text.slice(0, EXCERPT_CHARACTERS).replace(/[\uD800-\uDBFF]$/, ''),
);
