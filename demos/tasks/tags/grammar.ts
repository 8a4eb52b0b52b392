/**
 * Tagged sentences from a small grammar, with the tags of the Brown corpus. Many words have several tags
 * (`walks` nns or vbz, `that` cs or dt, `saw` nn or vbd), which the words around tell apart; the words behind
 * a bar occur in validation and test sentences alone, and only their endings and their place tell what they are.
 */
import { Random } from 'lethe';

export interface TaggedSentence {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

/** What a symbol may become; a name that has no rules is a tag, and `word/tag` stands for itself. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  S: [
    'Main .',
    'Main .',
    'Main cs Main .',
    'in Thing , Main .',
    'rb , Main .',
    'Saying that/cs Main .',
  ],
  Main: [
    'One Vz',
    'One Vz',
    'Many V',
    'Many V',
    'Any Past',
    'Any Past',
    'Any md Bare',
    'Any md rb Bare',
  ],
  Saying: ['pps vbd', 'ppss vb', 'at nn vbz', 'the/at nns vb', 'np vbd'],
  Any: ['One', 'Many'],
  One: ['at nn', 'at jj nn', 'dt nn', 'pp$ nn', 'pps', 'np', 'at nn in Thing', 'at nn nn'],
  Many: [
    'the/at nns',
    'jj nns',
    'dts nns',
    'pp$ nns',
    'ppss',
    'cd nns',
    'the/at nns in Thing',
    'np and/cc np',
  ],
  Thing: ['at nn', 'at jj nn', 'the/at nns', 'pp$ nn', 'dt nn', 'cd nns', 'np', 'jj nns'],
  Object: ['Thing', 'Thing', 'ppo', 'Thing in Thing'],
  Vz: [
    'vbz Object',
    'vbz Object rb',
    'vbz in Thing',
    'is/bez jj',
    'is/bez vbg Object',
    'has/hvz vbn Object',
    'is/bez vbn',
  ],
  V: [
    'vb Object',
    'vb Object rb',
    'vb in Thing',
    'are/ber jj',
    'are/ber vbg Object',
    'have/hv vbn Object',
    'are/ber ql jj',
  ],
  Past: [
    'vbd Object',
    'vbd Object rb',
    'vbd in Thing',
    'had/hvd vbn Object',
    'vbd to/to Bare',
    'vbd in Thing in Thing',
  ],
  Bare: [
    'vb Object',
    'vb Object rb',
    'vb in Thing',
    'vb to/to vb Object',
    'be/be jj',
    'be/be vbn in Thing',
  ],
};

/** Words of each tag; those behind the bar are for validation and test alone. */
const WORDS: Readonly<Record<string, string>> = {
  at: 'the the the a a every no',
  dt: 'this that',
  dts: 'these those',
  cd: 'two three seven | nine',
  pps: 'he she it',
  ppss: 'they we you',
  ppo: 'him her it them us',
  pp$: 'his her their our',
  np: 'Anna Peter Oslo May | Clara Berlin',
  nn: `walk plan watch light visit drink need hope turn answer book train cook guard paint saw can fish cold
    square round river farmer garden letter house teacher window singer table kindness darkness station
    bakery captain | printer sadness fraction garage gardener coldness walker nation painting meeting`,
  nns: `walks plans watches lights visits drinks needs hopes turns answers books trains cooks guards paints
    rivers farmers gardens letters houses teachers windows singers tables stations captains
    | printers fractions gardeners nations pictures lanterns meetings`,
  vb: `walk plan watch light visit drink need hope turn answer book train cook guard paint fish can
    like help see follow carry repair find | climb borrow soften`,
  vbz: `walks plans watches lights visits drinks needs hopes turns answers books trains cooks guards paints
    likes helps sees follows carries repairs finds | climbs borrows softens`,
  vbd: `walked planned watched visited hoped turned answered cooked guarded painted saw left found felt
    liked helped followed carried repaired | climbed borrowed softened`,
  vbn: `walked planned watched visited turned answered cooked guarded painted seen left found
    liked helped followed carried repaired | climbed borrowed softened`,
  vbg: `walking planning watching visiting turning cooking guarding painting helping following
    carrying meeting | climbing borrowing softening`,
  jj: `cold light square round fast hard early green old careful wooden heavy left hopeful
    | cheerful woollen stormy graceful`,
  rb: `fast hard early slowly carefully often again back heavily round | cheerfully gracefully boldly`,
  ql: 'very so too',
  md: 'can will must may',
  in: 'in like round after before near with to by',
  cs: 'that after before because if',
};

/** Sentences of the grammar: the same for the same seed. */
export function tagSentences(
  count: number,
  seed: number,
  { rareWords }: { rareWords: boolean },
): TaggedSentence[] {
  const random = new Random(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)];
  const lists = new Map(
    Object.entries(WORDS).map(([tag, words]) => {
      const [common, rare = ''] = words.split('|').map((part) => part.trim());
      return [tag, (rareWords ? `${common} ${rare}` : common).trim().split(/\s+/)];
    }),
  );
  const expand = (symbol: string): string[] =>
    symbol in RULES ? one(RULES[symbol]).split(' ').flatMap(expand) : [symbol];
  return Array.from({ length: count }, () => {
    const drawn = expand('S').map((symbol) => symbol.split('/'));
    const words = drawn.map(([word, tag]) =>
      tag || !lists.has(word) ? word : one(lists.get(word)!),
    );
    const tags = drawn.map(([word, tag = word]) => tag);
    words[0] = words[0][0].toUpperCase() + words[0].slice(1);
    return { words, tags };
  });
}

/** The bundled data: 400 sentences to learn from, 80 to choose by, 160 to test on. */
export function bundledTags(): {
  train: TaggedSentence[];
  valid: TaggedSentence[];
  test: TaggedSentence[];
} {
  return {
    train: tagSentences(400, 1, { rareWords: false }),
    valid: tagSentences(80, 2, { rareWords: true }),
    test: tagSentences(160, 3, { rareWords: true }),
  };
}
