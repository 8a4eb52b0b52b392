import type { Random } from 'lethe';

import type { Pair } from '../pairs/pairs';

type Gender = 'm' | 'f' | 'n';

interface Noun {
  readonly de: string;
  readonly en: string;
  readonly gender: Gender;
}

const noun = (text: string): Noun => {
  const [de, gender, en] = text.split(' ');
  return { de, gender: gender as Gender, en };
};
const words = (text: string): string[] => text.split(', ');

const PEOPLE = words(
  'mann m man, frau f woman, kind n child, bäcker m baker, ärztin f doctor, mädchen n girl, junge m boy, ' +
    'tante f aunt, lehrer m teacher, köchin f cook, fischer m fisherman, müllerin f miller',
).map(noun);
const THINGS = words(
  'apfel m apple, brot n bread, suppe f soup, brief m letter, buch n book, karte f map, tisch m table, ' +
    'boot n boat, lampe f lamp, korb m basket, fenster n window, tür f door, hut m hat, fass n barrel',
).map(noun);
const OF_PEOPLE = words(
  'alt old, jung young, klein small, groß big, klug clever, schön beautiful, still quiet, fremd strange',
).map((text) => text.split(' '));
const OF_THINGS = words(
  'alt old, neu new, klein small, groß big, schwer heavy, rot red, grün green, schön beautiful',
).map((text) => text.split(' '));
/** Third person, participle and infinitive; third person, past and base form. */
const VERBS = words(
  'sucht gesucht suchen seeks sought seek, findet gefunden finden finds found find, ' +
    'bringt gebracht bringen brings brought bring, kauft gekauft kaufen buys bought buy, ' +
    'verkauft verkauft verkaufen sells sold sell, trägt getragen tragen carries carried carry, ' +
    'malt gemalt malen paints painted paint, öffnet geöffnet öffnen opens opened open, ' +
    'sieht gesehen sehen sees saw see, holt geholt holen fetches fetched fetch',
).map((text) => text.split(' '));
const PAST_TIMES = words('gestern yesterday, damals then, letzte_woche last_week');
const TIMES = words('heute today, morgen tomorrow, am_abend in_the_evening, oft often');
const PLACES = words(
  'im_garten in_the_garden, am_fluss by_the_river, im_dorf in_the_village, auf_dem_markt at_the_market',
);

const ARTICLES = {
  definite: {
    nominative: { m: 'der', f: 'die', n: 'das' },
    accusative: { m: 'den', f: 'die', n: 'das' },
  },
  indefinite: {
    nominative: { m: 'ein', f: 'eine', n: 'ein' },
    accusative: { m: 'einen', f: 'eine', n: 'ein' },
  },
} as const;

type Case = 'nominative' | 'accusative';

/** The ending of an adjective after an article. */
function ending(definite: boolean, grammatical: Case, gender: Gender): string {
  if (gender === 'm' && grammatical === 'accusative') return 'en';
  if (definite) return 'e';
  return { m: 'er', f: 'e', n: 'es' }[gender];
}

/**
 * German and English sentences of one grammar of a few rules, in lower case, as lists of words. The words
 * stand in another order wherever German puts the verb second, a participle or an infinitive last, or the
 * verb of a clause with `weil` at its end; articles and adjectives follow gender and case.
 */
export function sentencePair(random: Random): Pair {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.uniform() * items.length)];
  const chance = (p: number): boolean => random.uniform() < p;

  const phrase = (nouns: readonly Noun[], adjectives: readonly string[][], grammatical: Case) => {
    const { de, en, gender } = pick(nouns);
    const definite = chance(0.5);
    const article = ARTICLES[definite ? 'definite' : 'indefinite'][grammatical][gender];
    const [german, english] = chance(0.5) ? pick(adjectives) : [];
    const adjective = german ? ` ${german}${ending(definite, grammatical, gender)}` : '';
    const first = english ?? en;
    const before = definite ? 'the' : /^[aeiou]/.test(first) ? 'an' : 'a';
    return {
      de: `${article}${adjective} ${de}`,
      en: english ? `${before} ${english} ${en}` : `${before} ${en}`,
    };
  };
  const adverb = (items: readonly string[]) => {
    const [de, en] = pick(items).replaceAll('_', '\u00a0').split(' ');
    return { de: de.replaceAll('\u00a0', ' '), en: en.replaceAll('\u00a0', ' ') };
  };

  const who = phrase(PEOPLE, OF_PEOPLE, 'nominative');
  const what = phrase(THINGS, OF_THINGS, 'accusative');
  const [present, participle, infinitive, presentEn, pastEn, base] = pick(VERBS);
  const pair = (de: string, en: string): Pair => ({ source: de.split(' '), target: en.split(' ') });
  switch (Math.floor(random.uniform() * 6)) {
    case 0: {
      const where = adverb(PLACES);
      return pair(
        `${who.de} ${present} ${what.de} ${where.de} .`,
        `${who.en} ${presentEn} ${what.en} ${where.en} .`,
      );
    }
    case 1: {
      const when = adverb(TIMES);
      return pair(
        `${when.de} ${present} ${who.de} ${what.de} .`,
        `${who.en} ${presentEn} ${what.en} ${when.en} .`,
      );
    }
    case 2: {
      const when = adverb(PAST_TIMES);
      const fronted = chance(0.5);
      const de = fronted
        ? `${when.de} hat ${who.de} ${what.de} ${participle} .`
        : `${who.de} hat ${when.de} ${what.de} ${participle} .`;
      return pair(de, `${who.en} ${pastEn} ${what.en} ${when.en} .`);
    }
    case 3: {
      const [de, en] = pick([
        ['will', 'wants to'],
        ['kann', 'can'],
        ['muss', 'must'],
        ['darf', 'may'],
      ]);
      const no = chance(0.3);
      const not = en === 'wants to' ? 'does not want to' : `${en} not`;
      return pair(
        `${who.de} ${de} ${what.de} ${no ? 'nicht ' : ''}${infinitive} .`,
        `${who.en} ${no ? not : en} ${base} ${what.en} .`,
      );
    }
    case 4: {
      const other = phrase(PEOPLE, OF_PEOPLE, 'nominative');
      const [de, en] = pick([
        ['lacht', 'laughs'],
        ['wartet', 'waits'],
        ['singt', 'sings'],
      ]);
      return pair(
        `${other.de} ${de} , weil ${who.de} ${what.de} ${present} .`,
        `${other.en} ${en} because ${who.en} ${presentEn} ${what.en} .`,
      );
    }
    default: {
      const where = adverb(PLACES);
      return pair(
        `${present} ${who.de} ${what.de} ${where.de} ?`,
        `does ${who.en} ${base} ${what.en} ${where.en} ?`,
      );
    }
  }
}

/** `count` different sentences. */
export function sentencePairs(count: number, random: Random): Pair[] {
  const pairs = new Map<string, Pair>();
  while (pairs.size < count) {
    const pair = sentencePair(random);
    pairs.set(pair.source.join(' '), pair);
  }
  return Array.from(pairs.values());
}
