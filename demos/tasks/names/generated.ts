/**
 * Surnames from syllables and endings that sound like those of ten languages, without being taken from them.
 * Neighbouring languages share syllables and endings (`-ak`, `-er`, `-man`), and one name in fifteen belongs to a
 * family that has moved: it sounds like another language's. So there is a limit to what can be told.
 */
import { Random } from 'lethe';

export interface Surname {
  readonly name: string;
  /** Place in the list of languages. */
  readonly label: number;
}

interface Style {
  /** First syllables, inner ones and last ones. The last may be a dash: none. */
  readonly first: string;
  readonly inner: string;
  readonly last: string;
}

const SLAVIC = 'Kov Mar Bar Pet Hor Nov Mal Sto Vo Ra Du Ku Jan Be Krá Lu Zá Dra';
const GERMANIC = 'Berg Brand Stein Wald Hol Hart Win Rich Bos Brook Har Ken Wes Lind Al Ber';
const ROMANCE = 'Mar Bel Fer Mon Ro Gal Sal Cor Va Pe Ber Ri Al Del Can Mo';

const STYLES: Readonly<Record<string, Style>> = {
  Croatian: {
    first: SLAVIC,
    inner: 'a o i e u ano ti ka lo ja ni',
    last: 'vić nić čić ić ak ar an ec -',
  },
  Czech: {
    first: SLAVIC,
    inner: 'a o í e ou che rá ka li je ni',
    last: 'ček ský ný ník ák ek ec ová a',
  },
  Polish: {
    first: SLAVIC,
    inner: 'a o i e y ali rze ka lo ja ni',
    last: 'ski owski czyk wicz ak ek ec owa iak',
  },
  Dutch: {
    first: GERMANIC,
    inner: 'e er en eld a oe ij ing',
    last: 'sma horst man stra sen veld huis ink er',
  },
  English: {
    first: GERMANIC,
    inner: 'e er en eld a ley ing',
    last: 'ford ton ley worth man son er well field',
  },
  German: {
    first: GERMANIC,
    inner: 'e er en eld a ei ing',
    last: 'mann meier bach er stein ig sen feld hofer',
  },
  French: {
    first: ROMANCE,
    inner: 'a e i che ti ro ve lli san',
    last: 'eau ier ard ault in ois et on el',
  },
  Italian: {
    first: ROMANCE,
    inner: 'a e i che ti ro ve lli san',
    last: 'ini etti elli one oni ano ari on el',
  },
  Spanish: {
    first: ROMANCE,
    inner: 'a e i que ti ro ve lla san',
    last: 'ez guez era illo ado ano ón on el',
  },
  Turkish: {
    first: 'Yıl De Kaya Öz Ay Ka Mar Al Er Ko Şa Bul Ak Tan Do Be',
    inner: 'dı mir a e lan ba ti ro ni',
    last: 'oğlu can lı maz er taş an soy ak el',
  },
};

/** The share of names that sound like another language's. */
const MOVED = 1 / 15;

/** The languages, in alphabetical order; a label is a place here. */
export const LANGUAGES = Object.keys(STYLES);

const VOWEL = /[aeiouáéíóüıö]/i;

/** Of two vowels that meet, the second stays. */
function join(start: string, end: string): string {
  const meet = VOWEL.test(start.at(-1)!) && VOWEL.test(end.at(0) ?? '');
  return (meet ? start.slice(0, -1) : start) + end;
}

/**
 * Distinct names of each language, language by language. A name that comes out for several languages stands
 * under each.
 */
export function inventedSurnames(perLanguage: number, seed: number): Surname[] {
  const random = new Random(seed);
  const below = (n: number) => Math.floor(random.uniform() * n);
  const any = (list: string) => {
    const syllables = list.split(' ');
    return syllables[below(syllables.length)].replace('-', '');
  };
  return LANGUAGES.flatMap((own, label) => {
    const names = new Set<string>();
    while (names.size < perLanguage) {
      const moved = random.uniform() < MOVED;
      const { first, inner, last } = STYLES[moved ? LANGUAGES[below(LANGUAGES.length)] : own];
      const middle = random.uniform() < 0.3 ? '' : any(inner);
      names.add([any(first), middle, any(last)].reduce(join));
    }
    return Array.from(names, (name) => ({ name, label }));
  });
}
