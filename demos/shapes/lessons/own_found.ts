/** What is found in data of one's own, and how long they are learnt. */
import { describeParts } from '../../tasks/parts';
import type { Parts } from '../../tasks/parts';
import type { Found } from '../../learn/protocol';
import type { Example } from '../../tasks/example';
import type { ClassData } from '../../tasks/many_to_one/task';
import type { PairSets } from '../../tasks/pairs/pairs';
import { grouped } from '../../shared/format';
import type { OwnFile, ownLabelled } from './own_file';

/** Steps without which a network has hardly begun to learn. */
const LEAST_STEPS = 600;
/** Tokens of a training that is prolonged: less than a minute on two cores. */
const MOST_TOKENS = 400_000;
/** Labels whose numbers of rows are told, and up to which the question names them all. */
const [TOLD, NAMED] = [5, 12];
/** Held-out texts that are offered to try, and characters of each. */
const [TRIED, SHORT] = [3, 60];

const partsCounted = describeParts('rows');

/** The labels with their rows, the commonest first. */
function labelsTold(classes: readonly string[], parts: ClassData): string {
  const counts = classes.map(() => 0);
  for (const { label } of [...parts.train, ...parts.valid, ...parts.test]) counts[label]++;
  const order = [...classes.keys()].sort((a, b) => counts[b] - counts[a]);
  const told = order.slice(0, TOLD).map((i) => `${classes[i]} (${grouped(counts[i])})`);
  const rest = classes.length - told.length;
  return told.join(', ') + (rest > 0 ? ` and ${grouped(rest)} more` : '');
}

const tried = (texts: readonly string[]): string[] =>
  [...new Set(texts)].filter((text) => text.length <= SHORT).slice(0, TRIED);

/** The parts; rows that are tested and have been learnt as well make a figure look better than it is. */
function partsTold<E>(parts: Parts<E>, textOf: (row: E) => string): string {
  const learnt = new Set(parts.train.map(textOf));
  const both = parts.test.filter((row) => learnt.has(textOf(row))).length;
  const told = `${partsCounted(parts)}.`;
  return both === 0
    ? told
    : `${told} Of the last, ${grouped(both)} stand among those to learn from as well.`;
}

const columnsTold = ([from, to]: readonly string[]): string => `“${to}” by “${from}”`;

/** What a classifier's data hold. */
export function foundLabelled(file: OwnFile, data: ReturnType<typeof ownLabelled>): Found {
  const { classes, columns, test } = data;
  const told = classes.length <= NAMED ? classes.join(', ') : `one of ${grouped(classes.length)}`;
  return {
    told:
      `${columnsTold(columns)}: ${grouped(classes.length)} labels, ${labelsTold(classes, data)}. ` +
      partsTold(data, ({ text }) => text),
    question: `Which label goes with this text: ${told}? The answer was learnt from ${file.name}.`,
    metric: 'texts right',
    tested: test.length,
    inputs: tried(test.map(({ text }) => text)),
  };
}

/** What the data of an encoder and a decoder hold. */
export function foundPairs(
  file: OwnFile,
  data: PairSets & { readonly columns: readonly string[] },
): Found {
  return {
    told: `${columnsTold(data.columns)}. ${partsTold(data, ({ source }) => source.join(''))}`,
    question: `What becomes of this text? The answer was learnt from ${file.name}.`,
    metric: 'texts right',
    tested: data.test.length,
    inputs: tried(data.test.map(({ source }) => source.join(''))),
  };
}

/**
 * What of an example is other where rows of one's own are learnt: few of them are gone through more often than the
 * example's are.
 *
 * @param tokensOf a row, how many there are.
 */
export function learntFrom<E>(
  { training }: Pick<Example, 'training'>,
  data: Parts<E>,
  batchSize: number,
  tokensOf: (row: E) => number,
) {
  const steps = Math.ceil(data.train.length / batchSize);
  const tokens = data.train.reduce((sum, row) => sum + tokensOf(row), 0);
  const more = Math.min(Math.ceil(LEAST_STEPS / steps), Math.floor(MOST_TOKENS / tokens));
  return {
    training: { ...training, epochs: Math.max(training.epochs, more) },
    describe: partsCounted,
  };
}
