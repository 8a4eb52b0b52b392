import { sums as example } from '../../tasks/sums/index';
import { sumTokens } from '../../tasks/sums/tokens';
import { pairLesson } from './pairs';

export const sums = pairLesson(example, sumTokens);
