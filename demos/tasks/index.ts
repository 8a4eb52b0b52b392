import { entities } from './entities/index';
import type { Example } from './example';
import { frames } from './frames/index';
import { tags } from './tags/index';

/** What `lethe task` trains, in the order of its list. */
export const EXAMPLES: readonly Example[] = [tags, entities, frames];
