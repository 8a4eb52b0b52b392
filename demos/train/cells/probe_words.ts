import type { ProbeName, UnitClaim } from '../../../src/inspect/index';

/** What each probe is called in a list. */
export const PROBE_TITLES: Readonly<Record<ProbeName, string>> = {
  quotes: 'Inside quotes',
  linePosition: 'Position in the line',
  newline: 'Just after a line end',
  parentheses: 'Inside parentheses',
  brackets: 'Inside square brackets',
  braces: 'Inside braces',
  depth: 'Depth of nesting',
  comments: 'Inside a comment',
  ifCondition: 'Inside the condition of an if',
  word: 'Inside a word',
  wordLength: 'Letters of the word so far',
  consonants: 'Consonants in a row',
  capitalWord: 'In a word with a capital',
  sentenceStart: 'Between two sentences',
  indentation: 'Indentation of the line',
  capital: 'At a capital letter',
};

/** In a word, for a label that is narrow. */
export const PROBE_TAGS: Readonly<Record<ProbeName, string>> = {
  ...{ quotes: 'quotes', linePosition: 'position', newline: 'line end', parentheses: '( )' },
  ...{ brackets: '[ ]', braces: '{ }', depth: 'depth', comments: 'comment', ifCondition: 'if' },
  ...{ word: 'word', wordLength: 'letters', indentation: 'indent', capital: 'capital' },
  ...{ consonants: 'consonant', capitalWord: 'name', sentenceStart: 'sentence' },
};

/** Probes that count: a unit rises or falls with them. The others are on or off. */
const COUNTS: ReadonlySet<ProbeName> = new Set([
  ...(['linePosition', 'depth', 'wordLength', 'consonants', 'indentation'] as const),
]);

/** From this correlation on a unit is said to do something, below it to tend to. */
const STRONG = 0.75;

/** `is on inside quotes`, `tends to fall with the position in the line` */
export function claimInWords({ probe, correlation }: UnitClaim): string {
  const title = PROBE_TITLES[probe];
  const what = title[0].toLowerCase() + title.slice(1);
  const down = correlation < 0;
  const strong = Math.abs(correlation) >= STRONG;
  if (!COUNTS.has(probe)) return `${strong ? 'is' : 'tends to be'} ${down ? 'off' : 'on'} ${what}`;
  const verb = down ? 'fall' : 'rise';
  return `${strong ? `${verb}s` : `tends to ${verb}`} with the ${what}`;
}

/** `Layer 1, unit 37`: layers count from 1, the lowest. */
export function unitName({ layer, unit }: { layer: number; unit: number }): string {
  return `Layer ${layer + 1}, unit ${unit}`;
}

/** `+0.96`, with a sign that is as wide as a digit. */
export function signed(value: number): string {
  return (value < 0 ? '−' : '+') + Math.abs(value).toFixed(2);
}
