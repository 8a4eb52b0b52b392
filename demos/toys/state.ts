/** What the page shows: a toy, three cells that learn it, and a sequence that all three are asked. */
import { computed, signal } from '@preact/signals';

import type { CellName } from '../../src/nn/index';
import { Learner } from '../learn/learner';
import type { ToySettings } from './lesson';
import { shownSequence } from './shown';
import { CELL_LABELS } from '../train/cell_labels';
import { TOPICS } from './topics';

export const topic = signal(TOPICS[0]);
export const number = signal(0);
export const sequence = computed(() => shownSequence(topic.value.toy, number.value));

const worker = () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

const FIRST = [
  ['rnn', '--warm'],
  ['lstm', '--accent'],
  ['gru', '--third'],
] as const;

/** Each cell of the three, that of the training that is shown, and its network, in a worker of its own. */
export const sides = FIRST.map(([cell, colour]) => ({
  cell: signal<CellName>(cell),
  trained: signal<CellName>(cell),
  learner: new Learner<ToySettings, number, number[]>(worker),
  colour,
}));

export const labelOf = (cell: CellName): string => CELL_LABELS[cell];

/** Of all three: 'closed', 'training', 'pausing', 'resting' or 'done'. */
export const phase = computed(() => {
  const phases = sides.map(({ learner }) => learner.phase.value);
  if (phases.some((one) => one === 'opening' || one === 'training')) return 'training';
  // What is to go on must rest first.
  if (phases.some((one) => one === 'pausing')) return 'pausing';
  if (phases.some((one) => one === 'resting')) return 'resting';
  return phases.some((one) => one === 'done') ? 'done' : 'closed';
});

/** Numbers what was begun, so that what comes late is dropped. */
let begun = 0;

export async function choose(next: (typeof TOPICS)[number]): Promise<void> {
  begun++;
  topic.value = next;
  await Promise.all(sides.map(({ learner }) => learner.close()));
}

/** Has the three cells learn the toy from nothing. */
export async function learn(): Promise<void> {
  const mine = ++begun;
  const { name } = topic.value.toy;
  await Promise.all(
    sides.map(async ({ cell, trained, learner }) => {
      trained.value = cell.value;
      // A network as small as these is done with each step before a GPU has begun it.
      const options = { settings: { cell: cell.value }, device: 'cpu' } as const;
      await learner.choose(name);
      if (mine !== begun || !(await learner.open(options)) || mine !== begun) return;
      await learner.follow(number.value);
      await learner.resume();
    }),
  );
}

export function pause(): void {
  for (const { learner } of sides) void learner.pause();
}

export function goOn(): void {
  for (const { learner } of sides) void learner.resume();
}

/** Asks all three another sequence. */
export function another(): void {
  number.value++;
  for (const { learner } of sides) {
    if (learner.phase.value !== 'closed') void learner.follow(number.value);
  }
}
