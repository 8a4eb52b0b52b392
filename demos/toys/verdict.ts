/** What a training came to: in a sentence, from its figures alone. */
import { wholePercent } from '../learn/percent';

export interface Outcome {
  readonly name: string;
  /** Share that is right, from 0 to 1. */
  readonly accuracy: number;
}

/** From here on a cell has managed; so far above the baseline it has at least begun. */
const [MANAGED, BEGUN] = [0.95, 0.1];

/** @param baseline the share that is right without memory. */
export function verdict(outcomes: readonly Outcome[], baseline: number): string {
  const managed = outcomes.filter(({ accuracy }) => accuracy >= MANAGED);
  const rest = outcomes.filter(({ accuracy }) => accuracy < MANAGED);
  const partly = rest.filter(({ accuracy }) => accuracy >= baseline + BEGUN);
  const not = rest.filter(({ accuracy }) => accuracy < baseline + BEGUN);
  const parts = [
    managed.length === outcomes.length && 'All of them managed',
    managed.length > 0 && managed.length < outcomes.length && `${list(managed)} managed`,
    managed.length === 0 && 'None of them managed',
    partly.length > 0 && `${list(partly)} came part of the way`,
    not.length > 0 && `${list(not)} did hardly better than without memory`,
  ].filter((part) => part !== false);
  return `${parts.join('; ')}.`;
}

function list(outcomes: readonly Outcome[]): string {
  return outcomes
    .map(({ name, accuracy }) => `${name} (${wholePercent(accuracy)})`)
    .join(', ')
    .replace(/, ([^,]*)$/, ' and $1');
}
