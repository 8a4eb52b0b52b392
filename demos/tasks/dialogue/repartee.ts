import type { Random } from 'lethe';

import type { Pair } from '../pairs/pairs';

const list = (text: string): readonly string[] => text.split(', ');

const THINGS = list(
  'boat, lamp, basket, ladder, hammer, kettle, map, rope, bread, letter, key, cart',
);
const PEOPLE = list(
  'anna, the miller, your brother, our neighbour, tom, the smith, my aunt, the captain',
);
const PLACES = list(
  'by the mill, in the yard, under the stairs, on the table, at the harbour, behind the shed',
);
const TIMES = list('before noon, in the evening, tomorrow, after the rain, on sunday, in an hour');
const DAYS = list('yesterday, last week, on sunday, in spring, this morning, years ago');
const COLOURS = list('red, green, blue, white, black, yellow');
const FOODS = list('soup, fish, cheese, cake, porridge, apples');
const NUMBERS = list('two, three, four, five, six, seven');

/** What one says, and what the other may answer; a name in braces stands for the same word in both. */
const EXCHANGES: readonly (readonly [said: string, answers: readonly string[]])[] = [
  [
    'where did you leave the {thing} ?',
    ['i left the {thing} {place} .', 'the {thing} is {place} .', 'i never had the {thing} .'],
  ],
  [
    'who took the {thing} ?',
    ['{person} took the {thing} .', 'ask {person} about the {thing} .', 'not i .'],
  ],
  [
    'when will {person} come ?',
    ['{person} will come {time} .', '{person} never comes {time} .', 'who knows with {person} .'],
  ],
  [
    'do you like the {food} ?',
    ['yes , i like the {food} .', 'no , the {food} is cold .', 'give me more of the {food} .'],
  ],
  [
    'which {thing} is yours ?',
    ['the {colour} {thing} is mine .', 'mine is the {colour} one .', 'i have no {thing} .'],
  ],
  [
    'how many {thing}s do we need ?',
    ['we need {number} {thing}s .', '{number} will do .', 'one {thing} is enough .'],
  ],
  [
    'can {person} carry the {thing} ?',
    ['{person} can carry the {thing} .', 'no , the {thing} is too heavy for {person} .'],
  ],
  [
    '{person} sold the {thing} {day} .',
    ['why did {person} sell the {thing} ?', 'that was my {thing} !', 'i do not believe you .'],
  ],
  [
    'i saw {person} {place} .',
    ['what did {person} do {place} ?', '{person} is always {place} .', 'you see things .'],
  ],
  ['good morning , {person} .', ['good morning .', 'is it morning already ?']],
  ['thank you for the {thing} .', ['you are welcome .', 'keep the {thing} .']],
  ['the {thing} is broken .', ['then mend the {thing} .', '{person} broke the {thing} .']],
];

const SLOTS: Readonly<Record<string, readonly string[]>> = {
  thing: THINGS,
  person: PEOPLE,
  place: PLACES,
  time: TIMES,
  day: DAYS,
  colour: COLOURS,
  food: FOODS,
  number: NUMBERS,
};

/** Something that is said and a fitting answer, in lower case, as lists of words. */
export function exchange(random: Random): Pair {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.uniform() * items.length)];
  const [said, answers] = pick(EXCHANGES);
  const words = new Map<string, string>();
  const fill = (text: string): string[] =>
    text
      .replace(/\{(\w+)\}/g, (_, slot: string) => {
        if (!words.has(slot)) words.set(slot, pick(SLOTS[slot]));
        return words.get(slot)!;
      })
      .split(' ');
  return { source: fill(said), target: fill(pick(answers)) };
}

/** `count` different ones. */
export function exchanges(count: number, random: Random): Pair[] {
  const pairs = new Map<string, Pair>();
  while (pairs.size < count) {
    const pair = exchange(random);
    pairs.set([...pair.source, ...pair.target].join(' '), pair);
  }
  return Array.from(pairs.values());
}
