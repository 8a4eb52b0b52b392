import { wordTokens } from '../../../src/data/index';
import { sentiment as example } from '../../tasks/sentiment/index';
import { classLesson } from './classes';

export const sentiment = classLesson(
  example,
  (input) => wordTokens(input, { lowerCase: true }),
  () => ['not pleased', 'pleased'],
  { hidden: 48, embedding: 48 },
);
