import { effect } from '@preact/signals';

import { source } from '../form';
import { begun } from '../kept_runs';
import { abandoned } from '../service';
import { hasModel, step } from '../store';
import { chosenText, follow, look, looked, looking, lookProblem, seekStretch } from './store';

/** Milliseconds between two looks while following, and times what a look takes. */
const LOOK_INTERVAL_MS = 2500;
const LOOK_INTERVAL_RATIO = 8;
/** Milliseconds after the last change of a text that is being typed. */
const DEBOUNCE_MS = 400;

/** Has the model read the text that is chosen now. */
export async function refresh(): Promise<void> {
  if (chosenText.peek() !== null && hasModel.peek()) await looked.ask();
}

/** Keeps the look up to date while the view is open; the function given back ends that. */
export function watch(): () => void {
  let typing: ReturnType<typeof setTimeout> | undefined;
  const stopSeeking = effect(() => void seekStretch(source.value.text));
  const stop = effect(() => {
    void abandoned.value;
    clearTimeout(typing);
    const text = chosenText.value;
    looked.about(begun.value?.key);
    if (!hasModel.value) return looked.forget();
    if (text === null) return;
    typing = setTimeout(() => void refresh(), look.peek() || looking.peek() ? DEBOUNCE_MS : 0);
  });
  const following = setInterval(() => {
    if (!follow.peek() || looking.peek() || lookProblem.peek()) return;
    if (look.peek()?.step === step.peek()) return;
    const { at, took } = looked.last;
    if (performance.now() - at >= Math.max(LOOK_INTERVAL_MS, LOOK_INTERVAL_RATIO * took))
      void refresh();
  }, 250);
  return () => {
    stopSeeking();
    stop();
    clearTimeout(typing);
    clearInterval(following);
  };
}
