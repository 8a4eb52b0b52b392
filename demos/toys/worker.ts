import { serveLessons } from '../learn/serve';
import { toyLesson } from './lesson';
import { TOYS } from './toys/index';

serveLessons(
  Object.fromEntries(TOYS.map((toy) => [toy.name, () => Promise.resolve(toyLesson(toy) as never)])),
);
