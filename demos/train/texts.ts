import { BUNDLED_NAME } from '../../src/text/bundled';

/** A text that comes with the studio: of our own writing, or generated; fetched when it is chosen. */
export interface StudioText {
  /** In the address. */
  readonly id: string;
  /** As a run's text is called. */
  readonly name: string;
  /** Of a choice. */
  readonly title: string;
  /** What there is to see in it, in a line. */
  readonly about: string;
  /** @throws Error where it cannot be fetched. */
  readonly load: () => Promise<string>;
}

const STORY = new URL('../../src/text/bundled.txt', import.meta.url);

/** The first is the one that the page begins with. */
export const TEXTS: readonly StudioText[] = [
  {
    id: 'story',
    name: BUNDLED_NAME,
    title: 'Story',
    about: 'A short novel with people who talk: words first, then quotes that close.',
    load: () => fetched(STORY),
  },
  {
    id: 'loud',
    name: 'the loud story',
    title: 'Loud',
    about: 'The same, but everybody SHOUTS: a network has to know whether it is inside quotes.',
    load: async () => loud(await fetched(STORY)),
  },
  {
    id: 'code',
    name: 'code of Lethe',
    title: 'Code',
    about: 'TypeScript, from Lethe itself: brackets that nest, indentation, comments.',
    load: async () => (await import('./texts/code')).code,
  },
  {
    id: 'names',
    name: 'invented names',
    title: 'Names',
    about: 'Surnames that nobody bears, one a line: the quickest to learn.',
    load: async () => (await import('./texts/names')).names,
  },
  {
    id: 'verse',
    name: 'verses',
    title: 'Verse',
    about: 'Ballads in rhyme: lines of a length, stanzas, a capital after each line end.',
    load: () => fetched(new URL('./texts/verse.txt', import.meta.url)),
  },
];

/** With what is said in capitals; a quote that is not closed goes on to the end of its paragraph. */
function loud(text: string): string {
  return text.replace(/"(?:[^"\n]|\n(?!\n))*"?/g, (speech) => speech.toUpperCase());
}

async function fetched(url: URL): Promise<string> {
  const file = await fetch(url);
  if (!file.ok) throw new Error(`${file.status} ${file.statusText}`);
  return file.text();
}
