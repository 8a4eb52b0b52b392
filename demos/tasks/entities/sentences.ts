/**
 * Short messages with names in them: templates, and lists of names to put in. The tags are those of WNUT17 in
 * BIO: `B-person` begins a name, `I-person` goes on with it, `O` is none. Names behind a bar occur in validation
 * and test messages alone; some names are of several kinds (`Jordan`, `Austin`), some are plain words too
 * (`Orange`, `Drive`), and a third of the messages is in lower case, as people write.
 */
import { Random } from 'lethe';

export interface TaggedSentence {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

const NAMES: Readonly<Record<string, string>> = {
  first: `Anna, Peter, Jordan, Austin, Maria, Tom, Grace, Ivan, Leila, Kenji, Rosa, Victor
    | Clara, Omar, Chelsea, Hugo, Nina, Florence, Pavel`,
  last: `Novak, Fischer, Lincoln, Silva, Tanaka, Brown, Rossi, Hill, Larsen, Young
    | Moreau, Kaya, Washington, Petrov, Green, Stone`,
  location: `Oslo, Austin, Jordan, Berlin, Lincoln, Lake Geneva, New York, Park Street, Cape Town, Kyoto,
    the Old Bridge, Lima, Orange | Lisbon, Florence, Washington, Chelsea, Baker Street, San Marino, Nairobi,
    Stone Bay`,
  group: `the Red Foxes, Northern Lights Choir, Lincoln High, the Harbour Rowers, Oslo Runners, Youth Union
    | the Blue Herons, Berlin Climbers, the Night Owls, Green Valley Club`,
  corporation: `Orange, Northwind, Fischer & Sons, Papertrail, Silva Motors, Bluefin Bank, Brown
    | Larkfield, Kaya Foods, Stone, Quickpost, Tanaka Motors`,
  product: `Kite 3, Drive, Lumen Lamp, Northwind Mini, Foxbook Air, Orange Phone, Aero 7
    | Kite 5, Pebble Watch, Papertrail Scanner, Drive Plus, Brass Kettle`,
  work: `The Long Winter, Paper Boats, Drive, Letters from Lima, Stone by Stone, Young
    | Night Train North, Paper Moons, The Blue Door, Grace, Songs for Rosa`,
};

const TEMPLATES: readonly string[] = [
  'just landed in {location} and it is raining .',
  'anyone up for coffee in {location} with {person} ?',
  '{person} is the best teacher I ever had',
  'happy birthday {person} !',
  'my {product} died again , third time this week',
  'is the new {product} by {corporation} worth it ?',
  'watching {work} with {person} tonight',
  'finally finished {work} , cannot stop crying',
  '{group} won 3 to 1 in {location} !!',
  'singing with {group} on Sunday in {location}',
  '{corporation} opens a shop near {location}',
  '{corporation} raised its prices again , so long',
  'I drive through {location} every day',
  'met {person} and {person} at the station',
  'so proud of {group} today',
  'lost my {product} somewhere between {location} and {location}',
  '{person} from {corporation} never called me back',
  '{work} is playing at the cinema in {location}',
  'who else thinks {work} is too long ?',
  'an orange a day , said my grandmother',
  'young people these days do not drive',
  'it is a long winter and the hill is green',
  'why is the train late again ?',
  'good morning everyone , have a great day !',
  'thank you {person} for the ride to {location}',
  'trading my {product} for a {product} , anyone ?',
  '{person} reads {work} to the kids',
  'the concert of {group} is sold out :(',
  'moving from {location} to {location} next month',
  'job at {corporation} starts on Monday , wish me luck',
  'no signal on my {product} in {location}',
  'breaking : {corporation} buys {corporation}',
  '{person} joins {group} next season',
  'RT : {person} live from {location} at 8 pm',
  'that new song from {work} is stuck in my head',
  'with {person} at {location} , best day ever',
];

/** Messages of the templates: the same for the same seed. */
export function entitySentences(
  count: number,
  seed: number,
  { newNames }: { newNames: boolean },
): TaggedSentence[] {
  const random = new Random(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)];
  const names = Object.fromEntries(
    Object.entries(NAMES).map(([kind, text]) => {
      const [common, fresh] = text.split('|').map((part) => part.trim().split(/\s*,\s*/));
      // Half of the names in a test are new ones.
      return [kind, () => one(newNames && random.uniform() < 0.5 ? fresh : common)];
    }),
  );
  const nameOf = (kind: string): string => {
    if (kind !== 'person') return names[kind]();
    return random.uniform() < 0.5 ? names.first() : `${names.first()} ${names.last()}`;
  };
  return Array.from({ length: count }, () => {
    const words: string[] = [];
    const tags: string[] = [];
    for (const part of one(TEMPLATES).split(' ')) {
      const kind = /^\{(.*)\}$/.exec(part)?.[1];
      const label = kind === 'work' ? 'creative-work' : kind;
      for (const [i, word] of (kind ? nameOf(kind) : part).split(' ').entries()) {
        words.push(word);
        tags.push(label ? `${i === 0 ? 'B' : 'I'}-${label}` : 'O');
      }
    }
    const quiet = random.uniform() < 1 / 3;
    return { words: quiet ? words.map((word) => word.toLowerCase()) : words, tags };
  });
}

/** The bundled data: 200 messages to learn from, 60 to choose by, 120 to test on. */
export function bundledEntities(): {
  train: TaggedSentence[];
  valid: TaggedSentence[];
  test: TaggedSentence[];
} {
  return {
    train: entitySentences(200, 1, { newNames: false }),
    valid: entitySentences(60, 2, { newNames: true }),
    test: entitySentences(120, 3, { newNames: true }),
  };
}
