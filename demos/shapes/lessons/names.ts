import { characterTokens } from '../../../src/data/index';
import { names as example } from '../../tasks/names/index';
import { classLesson } from './classes';

export const names = classLesson(
  example,
  (input) => characterTokens(input.normalize('NFC').trim()),
  ({ languages }) => languages,
  { hidden: 64, embedding: 32 },
);
