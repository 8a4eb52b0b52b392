import type { Lesson } from '../learn/lesson';
import { serveLessons } from '../learn/serve';
import type { LessonName } from './protocol';

const lessons: Record<LessonName, () => Promise<Lesson>> = {
  digits: async () => (await import('./lessons/digits')).digits,
  letters: async () => (await import('./lessons/letters')).letters,
  voice: async () => (await import('./lessons/voice')).voice,
};
serveLessons(lessons);
