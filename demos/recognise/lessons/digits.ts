import { DIGITS } from '../../tasks/pen/alphabet';
import { pen } from '../../tasks/pen/index';
import { penLesson } from './pen';

export const digits = penLesson(pen, DIGITS);
