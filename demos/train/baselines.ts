import { computed, effect, signal } from '@preact/signals';

import { counting, fieldProblems, heldOut, source, statistics } from './form';
import { MAX_NGRAM_CHARACTERS } from './text_protocol';
import { textAnswered, textService } from './text_store';

/** Orders of which the best is sought without being asked for more. */
export const MAX_SOUGHT_ORDER = 10;
/** Milliseconds without a change before n-grams are counted. */
const DEBOUNCE_MS = 1000;

/** Losses of the held-out text, nats per character, by order from 1 on. */
export const ngramLosses = signal<readonly number[]>([]);
/** Orders that are being counted up to; 0 when none are. */
export const ngramsWanted = signal(0);
/** Why there are no n-grams, or null. */
export const ngramProblem = signal<string | null>(null);
/** The order chosen, or the best of the first ten. */
export const ngramChoice = signal('best');

/** Of every character alike, nats per character; null without a text. */
export const uniformLoss = computed(() => {
  const { distinct } = statistics.value;
  return distinct > 0 ? Math.log(distinct) : null;
});

/** Of the frequencies of the characters, nats per character. */
export const unigramLoss = computed(() => {
  const { characters, unigramEntropy } = statistics.value;
  return characters > 0 ? unigramEntropy * Math.LN2 : null;
});

/** The order that the choice comes to; null until it is counted. */
export const ngramOrder = computed(() => {
  const losses = ngramLosses.value;
  if (ngramChoice.value !== 'best') {
    const order = Number(ngramChoice.value);
    return order <= losses.length ? order : null;
  }
  const sought = losses.slice(0, MAX_SOUGHT_ORDER);
  return sought.length < MAX_SOUGHT_ORDER ? null : 1 + sought.indexOf(Math.min(...sought));
});

/** True where n-grams are counted on a part of the training text. */
export const ngramsCapped = computed(() => {
  const trainedOn = Math.floor(statistics.value.characters * (1 - heldOut.value));
  return trainedOn > MAX_NGRAM_CHARACTERS;
});

let latest = 0;

async function count(maxOrder: number): Promise<void> {
  const mine = ++latest;
  const losses: number[] = [];
  ngramsWanted.value = maxOrder;
  const told = (loss: number) => {
    losses.push(loss);
    // A longer count begins anew, and shows from where the former ended.
    if (mine === latest && losses.length > ngramLosses.peek().length)
      ngramLosses.value = [...losses];
  };
  try {
    await textAnswered(textService().ngrams(heldOut.peek(), maxOrder, told));
  } catch {
    if (mine === latest)
      ngramProblem.value = 'No n-grams: the text, or what is held out, is empty.';
  }
  if (mine === latest) ngramsWanted.value = 0;
}

// Whenever the text or the part held out changes, and has rested.
effect(() => {
  void [source.value, statistics.value, heldOut.value];
  const ready = !counting.value && fieldProblems.validFraction.value === null;
  latest++;
  ngramLosses.value = [];
  ngramsWanted.value = 0;
  ngramProblem.value = null;
  if (!ready || statistics.value.characters < 2) return;
  const timer = setTimeout(() => void count(Math.max(MAX_SOUGHT_ORDER, wanted())), DEBOUNCE_MS);
  return () => clearTimeout(timer);
});

// A higher order is counted when it is chosen.
effect(() => {
  void ngramChoice.value;
  const [there, coming] = [ngramLosses.peek().length, ngramsWanted.peek()];
  // Before the first count there is nothing to add to.
  if (there + coming > 0 && wanted() > Math.max(there, coming)) void count(wanted());
});

function wanted(): number {
  return Number(ngramChoice.peek()) || 0;
}
