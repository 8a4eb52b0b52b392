import { captions } from './captions/index';
import { co2 } from './co2/index';
import { dates } from './dates/index';
import { dialogue } from './dialogue/index';
import { entities } from './entities/index';
import { digits } from './digits/index';
import type { Example } from './example';
import { frames } from './frames/index';
import { lines } from './lines/index';
import { lips } from './lips/index';
import { mlp } from './mlp/index';
import { names } from './names/index';
import { letters, pen } from './pen/index';
import { phones } from './phones/index';
import { questions } from './questions/index';
import { sentiment } from './sentiment/index';
import { spoken } from './spoken/index';
import { sums } from './sums/index';
import { sunspots } from './sunspots/index';
import { tags } from './tags/index';
import { translate } from './translate/index';
import { truecasing } from './truecasing/index';

/** What `lethe task` trains, in the order of its list. */
export const EXAMPLES: readonly Example[] = [
  mlp,
  captions,
  ...[sentiment, names, questions],
  ...[dates, phones, sums, translate, dialogue],
  ...[tags, entities, truecasing, frames],
  ...[digits, lines],
  ...[pen, letters, spoken, lips],
  ...[sunspots, co2],
];
