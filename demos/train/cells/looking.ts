import { batch, computed, effect } from '@preact/signals';

import { connect } from '../actions';
import { phase, step } from '../store';
import { chosenText, follow, look, looking, lookProblem } from './store';

/** Milliseconds between two looks while following, and times what a look takes. */
const PAUSE = 2500;
const SHARE = 8;
/** Milliseconds after the last change of a text that is being typed. */
const TYPING = 400;

/** True while there is a model. */
export const hasModel = computed(
  () => phase.value === 'running' || phase.value === 'pausing' || phase.value === 'paused',
);

/** Of the latest look; what an older one brings is dropped. */
let ticket = 0;
let took = 0;
let lookedAt = 0;

/** Has the model read the text that is chosen now. */
export async function refresh(): Promise<void> {
  const text = chosenText.peek();
  if (text === null || !hasModel.peek()) return;
  const mine = ++ticket;
  looking.value = true;
  const begin = performance.now();
  const outcome = await connect().cells.look(text);
  if (mine !== ticket) return;
  lookedAt = performance.now();
  took = lookedAt - begin;
  batch(() => {
    looking.value = false;
    if ('problem' in outcome) {
      lookProblem.value = outcome.problem;
    } else {
      lookProblem.value = null;
      look.value = outcome.look;
    }
  });
}

function forget(): void {
  ticket++;
  batch(() => {
    looking.value = false;
    look.value = null;
    lookProblem.value = null;
  });
}

/** Keeps the look up to date while the view is open; the function given back ends that. */
export function watch(): () => void {
  let typing: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    clearTimeout(typing);
    const text = chosenText.value;
    if (!hasModel.value) return forget();
    if (text === null) return;
    typing = setTimeout(() => void refresh(), look.peek() || looking.peek() ? TYPING : 0);
  });
  const following = setInterval(() => {
    if (!follow.peek() || looking.peek() || lookProblem.peek()) return;
    if (look.peek()?.step === step.peek()) return;
    if (performance.now() - lookedAt >= Math.max(PAUSE, SHARE * took)) void refresh();
  }, 250);
  return () => {
    stop();
    clearTimeout(typing);
    clearInterval(following);
  };
}
