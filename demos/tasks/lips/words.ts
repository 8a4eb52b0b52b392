/**
 * Words as lips show them. What can be seen of a sound is its viseme: p, b and m look alike, and so do f and v, and t,
 * d and n. Words of the same visemes are homophemes; only how often each is said tells which one it was.
 */

/** A mouth, as shares of its box. */
export interface Mouth {
  readonly width: number;
  /** Between the lips. */
  readonly opening: number;
  /** How much of the upper teeth is to be seen, and of the tongue. */
  readonly teeth: number;
  readonly tongue: number;
}

const mouth = (width: number, opening: number, teeth = 0, tongue = 0): Mouth => ({
  ...{ width, opening, teeth, tongue },
});

export const REST = mouth(0.62, 0.04);

const VISEMES: Readonly<Record<string, Mouth>> = {
  // p b m
  closed: mouth(0.58, 0),
  // f v
  bitten: mouth(0.6, 0.24, 1),
  // t d n
  tongue: mouth(0.6, 0.36, 0.3, 1),
  open: mouth(0.62, 0.85, 0.2, 0.2),
  wide: mouth(0.95, 0.32, 0.6),
  round: mouth(0.34, 0.45),
};

const WORDS: Readonly<Record<string, { visemes: string; often: number }>> = {
  bat: { visemes: 'closed open tongue', often: 3 },
  mat: { visemes: 'closed open tongue', often: 1 },
  fan: { visemes: 'bitten open tongue', often: 3 },
  van: { visemes: 'bitten open tongue', often: 1 },
  pea: { visemes: 'closed wide', often: 3 },
  bee: { visemes: 'closed wide', often: 1 },
  far: { visemes: 'bitten open', often: 2 },
  tea: { visemes: 'tongue wide', often: 2 },
  toe: { visemes: 'tongue round', often: 2 },
  moo: { visemes: 'closed round', often: 2 },
  we: { visemes: 'round wide', often: 2 },
  you: { visemes: 'wide round', often: 2 },
};

export const VOCABULARY = Object.keys(WORDS);

/** Each word as many times as it is often. */
export const URN = VOCABULARY.flatMap((word) =>
  Array.from({ length: WORDS[word].often }, () => word),
);

/** The mouths of a word. */
export function mouthsOf(word: string): Mouth[] {
  return WORDS[word].visemes.split(' ').map((name) => VISEMES[name]);
}

/** By class, 1 for the first word: the first class that looks the same. */
export const LOOKS_LIKE: readonly number[] = [
  0,
  ...VOCABULARY.map(
    (word) => 1 + VOCABULARY.findIndex((other) => WORDS[other].visemes === WORDS[word].visemes),
  ),
];

/** The share of words that nobody can tell: of homophemes all but the one that is said most often. */
export function unseen(): number {
  const most = new Map<string, number>();
  let all = 0;
  for (const { visemes, often } of Object.values(WORDS)) {
    most.set(visemes, Math.max(most.get(visemes) ?? 0, often));
    all += often;
  }
  return 1 - [...most.values()].reduce((sum, often) => sum + often, 0) / all;
}
