import { captions } from './captions/index';
import { co2 } from './co2/index';
import { entities } from './entities/index';
import type { Example } from './example';
import { frames } from './frames/index';
import { sunspots } from './sunspots/index';
import { tags } from './tags/index';

/** What `lethe task` trains, in the order of its list. */
export const EXAMPLES: readonly Example[] = [tags, entities, frames, captions, sunspots, co2];
