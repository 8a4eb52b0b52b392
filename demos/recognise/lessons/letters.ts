import { LETTERS } from '../../tasks/pen/alphabet';
import { letters as task } from '../../tasks/pen/index';
import { penLesson } from './pen';

export const letters = penLesson(task, LETTERS);
