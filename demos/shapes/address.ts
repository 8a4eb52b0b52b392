/** The address tells task, switches and input, so that a link shows another what one sees. */
import { choiceOf, CHOICES, FIRST } from './switches';
import type { SwitchName, Switches } from './switches';

export interface Place {
  /** Null for the task that the page begins with. */
  readonly topic: string | null;
  readonly switches: Switches;
  /** As it is written in the box; null for the first of the task's own. */
  readonly input: string | null;
  /** Controls are hidden. */
  readonly lesson: boolean;
}

const NAMES = Object.keys(CHOICES) as SwitchName[];

/** Reads what there is; values that mean nothing here are left out. */
export function readPlace(search: string): Place {
  const given = new URLSearchParams(search);
  const chosen = NAMES.flatMap((name) => {
    const value = choiceOf(name, given.get(name) ?? '');
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    topic: given.get('task'),
    switches: { ...FIRST, ...Object.fromEntries(chosen) },
    input: given.get('input'),
    lesson: given.has('lesson'),
  };
}

/** What follows the question mark; only what differs from the beginning. */
export function writePlace({ topic, switches, input, lesson }: Place): string {
  const told = new URLSearchParams();
  if (topic !== null) told.set('task', topic);
  for (const name of NAMES) if (switches[name] !== FIRST[name]) told.set(name, switches[name]);
  if (input !== null) told.set('input', input);
  if (lesson) told.set('lesson', '');
  return told.toString().replace(/=(?=&|$)/g, '');
}
