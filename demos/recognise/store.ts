import { computed, effect, signal, untracked } from '@preact/signals';

import { Random } from '../../src/random';
import { messageOf } from '../../src/io/reason';
import { Learner } from '../learn/learner';
import type { Which } from '../learn/protocol';
import type { Answer } from '../shared/answer';
import { Asked } from '../shared/asked';
import { drawHand, write } from '../tasks/pen/hand';
import type { Ink } from '../tasks/pen/hand';
import { LESSONS } from './lesson_facts';
import type { LessonName, PenSettings, Reading, Spoken, VoiceSettings, Written } from './protocol';
import { enough, heard, sayExample, stop, wholeRounds } from './takes';

type Question = Written | Spoken;

export const learner = new Learner<PenSettings | VoiceSettings, Question, Reading>(
  () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
);

export const lesson = signal<LessonName>('digits');
/** Why there is no trained model, or that it is on its way; null once it is there. */
export const loading = signal<string | null>('Loading the network…');
/** What is written in the box. */
export const ink = signal<Ink>([]);
/** Which model reads. */
export const which = signal<Which>('given');
/** What the pictures are of. */
export const pictured = signal<'example' | 'own'>('example');

/** Writing by code: in a hand that no network has learnt from, the same for the same seed. */
export function written(text: string, seed: number): Ink {
  const random = new Random(seed, 9);
  return write(text, drawHand(random), random);
}

/** What the visitor has written or said, and what is watched while a network learns; null for nothing yet. */
export const given = computed<Question | null>(() => {
  if (lesson.value === 'voice') return heard.value && { sound: heard.value };
  return ink.value.length === 0 ? null : { ink: ink.value };
});
export const example = computed<Question | null>(() => {
  const text = LESSONS[lesson.value].example;
  if (lesson.value !== 'voice') return { text, ink: written(text, 13) };
  const sound = sayExample(text);
  return sound && { text, sound };
});

/** Reads it with the model that is chosen. */
const reader = (of: { peek(): Question | null }) =>
  new Asked<Reading | null, typeof learner>(
    () => learner,
    async (): Promise<Answer<Reading | null>> => {
      const question = of.peek();
      return question ? learner.ask(question, which.peek()) : { value: null };
    },
  );
export const own = reader(given);
export const ofExample = reader(example);

/** What the pictures show. */
export const picture = computed<Reading | null>(() =>
  pictured.value === 'own' ? own.value.value : ofExample.value.value,
);

const mayAsk = computed(() => loading.value === null || which.value !== 'given');

effect(() => {
  void given.value;
  void which.value;
  // A model in training is another one each time.
  if (which.value === 'now') void learner.shown.value;
  if (mayAsk.value) untracked(() => void own.ask());
});

effect(() => {
  void example.value;
  if (mayAsk.value && which.value !== 'now') untracked(() => void ofExample.ask());
});

effect(() => {
  const shown = learner.shown.value;
  if (which.value !== 'now' || !shown) return;
  if ('value' in shown.answer) ofExample.value.value = shown.answer.value;
});

/** Loads a lesson and its trained model. What was in training is gone. */
export async function choose(name: LessonName): Promise<void> {
  stop();
  lesson.value = name;
  loading.value = 'Loading the network…';
  which.value = 'given';
  ink.value = [];
  heard.value = null;
  pictured.value = 'example';
  own.forget();
  ofExample.forget();
  const told = await load(name).catch((error: unknown) => messageOf(error));
  if (lesson.peek() === name) loading.value = told;
}

/** Null where the trained model is there, else why not. */
async function load(name: LessonName): Promise<string | null> {
  const chosen = await learner.choose(name);
  if ('problem' in chosen) return chosen.problem.message;
  const { file } = LESSONS[name];
  if (!file) return 'No network knows your voice yet: record your digits, and train one.';
  const answer = await fetch(file);
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  const used = await learner.use(name, new Uint8Array(await answer.arrayBuffer()));
  return 'problem' in used ? used.problem.message : null;
}

/** False where there is nothing to learn from yet. */
export const mayTrain = computed(() => lesson.value !== 'voice' || enough.value);

let seed = 0;

/** Begins a training from nothing, or goes on with the one at rest. */
export async function train(): Promise<void> {
  if (learner.phase.peek() !== 'resting') {
    const { epochs, lines } = LESSONS[lesson.peek()];
    const settings = lesson.peek() === 'voice' ? { takes: wholeRounds.peek() } : { lines };
    which.value = 'given';
    if (!(await learner.open({ seed: ++seed, epochs, settings }))) return;
    await learner.follow(example.peek());
    pictured.value = 'example';
    which.value = 'now';
  }
  await learner.resume();
}
