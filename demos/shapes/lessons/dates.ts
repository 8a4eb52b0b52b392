import { dates as example } from '../../tasks/dates/index';
import { pairLesson } from './pairs';

export const dates = pairLesson(example, (input) => [...input.trim().toLowerCase()]);
