/**
 * Opinions in one sentence, from a small grammar. Most hold words of both kinds, and what is said is told by
 * the words around them: `not dull at all`, `I expected a dull film and got a clever one`. So a bag of words
 * does not suffice.
 */
import { Random } from 'lethe';

export interface Sentence {
  readonly text: string;
  /** 1: the writer is pleased. */
  readonly label: 0 | 1;
}

/** What is spoken of, and what is said of it by who is not pleased, and by who is. */
const SUBJECTS: readonly { things: string; said: readonly [string, string] }[] = [
  {
    things: 'film, plot, ending, script, story, scene, performance, sequel',
    said: [
      'dull, predictable, wooden, slow, shallow, tedious, confused, lifeless',
      'gripping, moving, clever, funny, convincing, touching, original, brilliant',
    ],
  },
  {
    things: 'soup, steak, cake, coffee, pizza, dessert, curry, meal, sandwich',
    said: [
      'stale, bland, cold, greasy, overpriced, soggy, dreadful, tasteless',
      'fresh, tasty, delicious, perfect, generous, superb, wonderful, hearty',
    ],
  },
  {
    things: 'phone, battery, screen, charger, keyboard, case, headset, camera, speaker',
    said: [
      'flimsy, useless, faulty, unreliable, cheap, clumsy, fragile, worthless',
      'sturdy, reliable, smart, handy, solid, excellent, light, flawless',
    ],
  },
  {
    things: 'room, bed, lobby, garden, hotel, cabin, terrace, lounge, bar',
    said: [
      'filthy, noisy, cramped, shabby, gloomy, damp, neglected, awful',
      'spotless, quiet, cosy, charming, spacious, sunny, lovely, splendid',
    ],
  },
];

/** Whole verdicts, of who is not pleased, and of who is. */
const VERDICTS: readonly [string, string] = [
  `I want my money back; we left after ten minutes; save your money; never again; I would not buy it again;
  we will not be back; it broke after two days; nobody should pay for this; I cannot recommend it;
  I could hardly wait for the end; it was a waste of an evening; I sent it straight back;
  it does not do what it promises; I regret it; there are far better ones; we did not finish it;
  it never worked; I have nothing good to say; stay away; they did not even apologise`,
  `I would buy it again; we will be back; it is worth every penny; you will not regret it;
  I did not want it to end; I cannot recommend it enough; I could not put it down; nobody will be disappointed;
  it was the best evening in years; there is nothing better; it has never let me down;
  we could not have asked for more; I have no complaints; we came back the next day; go and see for yourself;
  I told all my friends; it does what it promises; it still works like new; I am keeping it;
  we did not want to leave`,
];

/** {well} is said by who thinks as the sentence does, {ill} by who does not. */
const TEMPLATES: readonly string[] = [
  'The {thing} was {degree} {well}.',
  'The {thing} is {well} and {well}.',
  'What a {well} {thing}!',
  'Such a {well} {thing}, {verdict}.',
  'I have never had a {thing} so {well}.',
  'The {thing} was not {ill} at all.',
  'The {thing} is anything but {ill}.',
  'The {thing} was far from {ill}.',
  'Nothing about the {thing} was {ill}.',
  'I expected a {ill} {thing} and got a {well} one.',
  'I was told the {thing} was {ill}, but it is {well}.',
  'My brother called the {thing} {ill}, I found it {well}.',
  'It is a {well} {thing}, not a {ill} one.',
  'The {thing} may be {ill}, but {verdict}.',
  'Despite the {ill} {thing}, {verdict}.',
  'The {thing} is {ill}, and still {verdict}.',
  'People warn of a {ill} {thing}; ours was {well}.',
  'The {thing} was {well}, {verdict}!',
  'Say what you like about the {thing}: {verdict}.',
  'Last week I tried the {thing}, and {verdict}.',
];

const DEGREES = 'very, really, quite, simply, truly, so, rather'.split(', ');

/**
 * Distinct sentences, as many of each kind, in an order by chance.
 *
 * @param count even.
 */
export function opinions(count: number, seed: number): Sentence[] {
  const random = new Random(seed);
  const texts = new Set<string>();
  const sentences: Sentence[] = [];
  while (sentences.length < count) {
    const label = sentences.length % 2 === 0 ? 1 : 0;
    const text = opinion(label, random);
    if (texts.has(text)) continue;
    texts.add(text);
    sentences.push({ text, label });
  }
  return sentences;
}

function opinion(label: 0 | 1, random: Random): string {
  const any = (list: readonly string[]) => list[Math.floor(random.uniform() * list.length)];
  const { things, said } = SUBJECTS[Math.floor(random.uniform() * SUBJECTS.length)];
  const thing = any(things.split(', '));
  const fill: Readonly<Record<string, () => string>> = {
    thing: () => thing,
    well: () => any(said[label].split(', ')),
    ill: () => any(said[1 - label].split(', ')),
    degree: () => any(DEGREES),
    verdict: () => any(VERDICTS[label].split(/;\s+/)),
  };
  const text = any(TEMPLATES).replace(/\{(\w+)\}/g, (_, name: string) => fill[name]());
  return text.replace(/\b(a|A) (?=[aeiou])/g, '$1n ');
}
