/** What the page shows: a task, an input, and which model answers. */
import { computed, effect, signal } from '@preact/signals';

import { messageOf } from '../../src/io/reason';
import { Learner } from '../learn/learner';
import type { Which } from '../learn/protocol';
import { after } from '../shared/after';
import type { Answer } from '../shared/answer';
import { Latest } from '../shared/latest';
import { readPlace, writePlace } from './address';
import type { OwnFile } from './lessons/own_file';
import type { LessonSettings } from './lessons/settings';
import { FIRST } from './switches';
import type { SwitchName, Switches } from './switches';
import type { Topic } from './topic';
import { FIRST_TOPIC, TOPICS } from './topics';
import type { TopicEntry } from './topics';

/** Of the models that are ready. */
const GIVEN: LessonSettings = { switches: FIRST, own: null };

export const learner = new Learner<LessonSettings, unknown, unknown>(
  () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
  { keeps: true },
);

/** For drawing the answer of a network that has learnt nothing, often the longest of all, before training takes the processor. */
const FIRST_DRAWING_MS = 100;
/** Characters of an input that the address holds. */
const LONGEST_TOLD = 1000;

const place = readPlace(location.search);

/** Controls are hidden, for a lesson. */
export const lesson = place.lesson;
export const switches = signal<Switches>(place.switches);
/** The task that is chosen, which may not be loaded yet, and what there is of it. */
export const entry = signal<TopicEntry>(named(place.topic) ?? named(FIRST_TOPIC)!);
export const topic = signal<Topic | null>(null);
export const input = signal<unknown>(null);
/** Which model answers. */
export const which = signal<Which>('given');
/** What it said to the input; the reply before stays until then, or until there is none. */
export const reply = signal<unknown>(null);
/** Whether an answer was asked for that is not there yet. */
const asked = signal(false);
/** The latest that a training showed, once it is drawn. */
const drawn = signal<unknown>(undefined);
/** Whether the reply is still that of before: to another input, or of another model. */
export const waiting = computed(() => {
  const training = which.value === 'now' && learner.phase.value !== 'closed';
  return asked.value || (training && drawn.value !== learner.shown.value);
});
/** Why there is no reply, or no task. */
export const problem = signal<string | null>(null);
/** Whether a model of the page's own answers. */
export const ready = signal(false);

/** By the task that they are for; the others take those that come along. */
const owns = signal<ReadonlyMap<string, OwnFile>>(new Map());
/** Those of the task that is shown. */
export const own = computed(() => owns.value.get(entry.value.name) ?? null);

const settings = computed<LessonSettings>(() => ({ switches: switches.value, own: own.value }));

/** Of the model that answers. */
const answers = computed<LessonSettings>(() => {
  if (which.value === 'given') return GIVEN;
  const of = which.value === 'before' ? learner.before.value : { settings: learner.settings.value };
  return of?.settings ?? GIVEN;
});
/** The data of one's own that it has learnt. */
export const ownAnswers = computed(() => answers.value.own);
/** Its switches, by which it is drawn. */
export const answering = computed(() => answers.value.switches);

function named(name: string | null): TopicEntry | undefined {
  return TOPICS.find((one) => one.name === name);
}

const choosing = new Latest();
const asking = new Latest();
const opening = new Latest();

/** What is on its way answers another question. */
function drop(): void {
  asking.next();
  asked.value = false;
}

/** Shows a task: its trained model answers at once. */
export async function choose(next: TopicEntry, written: string | null = null): Promise<void> {
  const mine = choosing.next();
  drop();
  opening.next();
  entry.value = next;
  topic.value = null;
  reply.value = null;
  problem.value = null;
  ready.value = false;
  which.value = 'given';
  // All three at once: the first answer waits for them.
  const model = modelOf(next);
  model.catch(() => {});
  try {
    const [loaded, chosen] = await Promise.all([next.load(), learner.choose(next.name)]);
    if (!choosing.is(mine)) return;
    if ('problem' in chosen) throw new Error(chosen.problem.message);
    // The worker reads the model while the page draws.
    const use = model.then((bytes) => learner.use(next.name, bytes));
    input.value =
      written === null ? loaded.inputs[0] : (loaded.written?.read(written) ?? loaded.inputs[0]);
    topic.value = loaded;
    const given = await use;
    if (!choosing.is(mine)) return;
    if ('problem' in given) throw new Error(given.problem.message);
    ready.value = true;
    await ask();
  } catch (error) {
    if (choosing.is(mine)) problem.value = `This task could not be loaded: ${messageOf(error)}`;
  }
}

/** The bytes of the model that is ready for a task. */
async function modelOf({ model }: TopicEntry): Promise<Uint8Array<ArrayBuffer>> {
  const file = await fetch(model);
  if (!file.ok) throw new Error(`its trained model was not found (${file.status})`);
  return new Uint8Array(await file.arrayBuffer());
}

/** Asks the model that is chosen what it makes of the input. */
export async function ask(): Promise<void> {
  drop();
  const from = which.peek();
  if (from === 'given' && !ready.peek()) return;
  // It answers as soon as it is there.
  if (from === 'now' && learner.phase.peek() === 'opening') return;
  const mine = asking.next();
  asked.value = true;
  const found = await learner.ask(input.peek(), from);
  if (!asking.is(mine)) return;
  show(found);
  asked.value = false;
}

function show(found: Answer<unknown>): void {
  // An answer to what stood there before would be taken for one to this.
  reply.value = 'value' in found ? found.value : null;
  problem.value = 'problem' in found ? found.problem.message : null;
}

/** An input of one's own. */
export function give(next: unknown): void {
  input.value = next;
  if (learner.phase.peek() !== 'closed') void learner.follow(next);
  void ask();
}

/** Has another model answer. */
export function look(next: Which): void {
  which.value = next;
  void ask();
}

/** The next training of the task takes these data; null for those that come along. */
export function takeOwn(data: OwnFile | null): void {
  const next = new Map(owns.peek());
  if (data) next.set(entry.peek().name, data);
  else next.delete(entry.peek().name);
  owns.value = next;
}

/** What data hold, or the sentence that tells why they cannot be learnt. */
export async function findOwn(file: OwnFile): Promise<{ data: OwnFile } | { refused: string }> {
  const answer = await learner.find({ switches: switches.peek(), own: file });
  if ('problem' in answer) return { refused: answer.problem.message };
  if (answer.value) return { data: { ...file, found: answer.value } };
  return { refused: 'This task learns the data that come along alone.' };
}

/** Trains a model from nothing, with the switches as they are; it answers from then on. */
export async function train(): Promise<void> {
  const mine = opening.next();
  drop();
  which.value = 'now';
  if (!(await learner.open({ settings: settings.peek() }))) {
    if (opening.is(mine)) look('given');
    return;
  }
  await learner.follow(input.peek());
  await after(FIRST_DRAWING_MS);
  await learner.resume();
}

export function turn<K extends SwitchName>(name: K, value: Switches[K]): void {
  switches.value = { ...switches.peek(), [name]: value };
}

// The answer of the model in training is redrawn as it learns, after a frame that the curves have for themselves.
effect(() => {
  const shown = learner.shown.value;
  if (!shown) return;
  requestAnimationFrame(() =>
    setTimeout(() => {
      if (shown !== learner.shown.peek()) return;
      drawn.value = shown;
      if (which.peek() === 'now') show(shown.answer);
    }),
  );
});

effect(() => {
  const { written } = topic.value ?? {};
  const text = input.value !== topic.value?.inputs[0] ? written?.text(input.value) : undefined;
  // A whole file does not go into an address.
  const own = text !== undefined && text.length <= LONGEST_TOLD ? text : undefined;
  const told = writePlace({
    topic: entry.value.name === FIRST_TOPIC ? null : entry.value.name,
    switches: switches.value,
    // Until the task is there, the address keeps what it came with.
    input: topic.value ? (own ?? null) : place.input,
    lesson,
  });
  history.replaceState(null, '', told === '' ? location.pathname : `?${told}`);
});

/** Whether the switches of the task differ from those of the model that answers. */
export const changed = computed(
  () =>
    topic.value?.switches.some((name) => switches.value[name] !== answering.value[name]) ?? false,
);

// A worker that is started again knows nothing of the task: its trained model is fetched anew.
learner.ended.subscribe((count) => {
  if (count === 0) return;
  const why = learner.problem.peek()?.message ?? null;
  void choose(entry.peek()).then(() => (problem.value = why));
});

void choose(entry.peek(), place.input);
