import { Option } from 'commander';

import type { Unknown, Vocabulary } from '../text/vocabulary';

/** What `--unknown` does with characters that the model does not know. */
export type UnknownFlag = 'error' | 'skip' | 'replace';

export function unknownOption(): Option {
  return new Option(
    '--unknown <how>',
    'characters that the model does not know: an error, skipped, or replaced by ? (a space where it ' +
      'does not know that either)',
  )
    .choices(['error', 'skip', 'replace'])
    .default('error');
}

export function unknownOf(flag: UnknownFlag, vocabulary: Vocabulary): Unknown {
  if (flag !== 'replace') return flag;
  return { replace: vocabulary.has('?') ? '?' : ' ' };
}
