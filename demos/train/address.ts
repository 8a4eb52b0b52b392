import { effect, signal } from '@preact/signals';

import { messageOf } from '../../src/io/reason';
import { formQuery, takeQuery } from './address_form';
import { beganWith } from './kept_runs';
import { modelNamed, MODELS } from './models';
import { setText } from './text_store';
import { TEXTS } from './texts';

/** Milliseconds between a change of the form and the address: browsers limit how often it may change. */
const DEBOUNCE_MS = 300;
/** Where this tab remembers the address that it wrote itself, over a reload. */
const WRITTEN = 'lethe-studio-address';

/** What the address asked for and was not done. */
export const addressProblem = signal<string | null>(null);
/** True where controls are hidden, for a lesson. */
export const lesson = signal(false);

/**
 * Takes what the address asks for; from there on it follows the form. Settled once all of it is there; null
 * where the address asks for nothing, or was written by this tab before it was reloaded.
 */
export function openAddress(): Promise<void> | null {
  const query = new URLSearchParams(location.search);
  lesson.value = query.has('lesson');
  const given = location.search !== '' && location.search !== written();
  const taken = given ? take(query) : null;
  void Promise.resolve(taken).then(followForm);
  return taken;
}

async function take(query: URLSearchParams): Promise<void> {
  const problems = takeQuery(query);
  await takeText(query.get('text')).catch((error: unknown) => {
    problems.push(messageOf(error));
  });
  const model = query.get('model');
  if (model !== null) problems.push(...(await takeModel(model)));
  if (problems.length > 0) {
    addressProblem.value = `${problems.map((one) => one.replace(/\.$/, '')).join('; ')}.`;
  }
}

async function takeText(id: string | null): Promise<void> {
  if (id === null) return;
  const text = TEXTS.find((one) => one.id === id);
  if (!text) {
    throw new Error(`there is no text ${id} (${TEXTS.map(({ id }) => id).join(', ')} there are)`);
  }
  setText(text.name, await text.load());
}

/** Puts a trained network on the page. What is wrong with it, if anything is. */
async function takeModel(id: string): Promise<string[]> {
  const model = MODELS.find((one) => one.id === id);
  const { openModel } = await import('./open_model');
  const wrong = model ? openModel(model) : `there is no trained network ${id}`;
  const told = await Promise.resolve(wrong).catch(messageOf);
  return told === null ? [] : [told];
}

/** The link to the page as it is; for a lesson, one that hides what a class does not need. */
export function link(forLesson: boolean): string {
  const url = new URL(location.href);
  const model = modelNamed(beganWith.value);
  const query = model ? new URLSearchParams({ model: model.id }) : formQuery();
  if (forLesson) query.set('lesson', 'on');
  url.search = query.toString();
  return url.href;
}

function followForm(): void {
  effect(() => {
    const href = link(lesson.value);
    const timer = setTimeout(() => write(href), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  });
}

function write(href: string): void {
  // The view is in the hash, and may be another by now.
  const url = new URL(href);
  url.hash = location.hash;
  if (url.href !== location.href) history.replaceState(history.state, '', url);
  try {
    sessionStorage.setItem(WRITTEN, url.search);
  } catch {
    // Forbidden: a reload then takes the settings of the address.
  }
}

function written(): string | null {
  try {
    return sessionStorage.getItem(WRITTEN);
  } catch {
    return null;
  }
}
