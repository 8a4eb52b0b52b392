import { phones as example } from '../../tasks/phones/index';
import { pairLesson } from './pairs';

export const phones = pairLesson(example, (input) => [...input.trim().toLowerCase()]);
