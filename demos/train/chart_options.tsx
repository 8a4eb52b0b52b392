import type { Signal } from '@preact/signals';
import { useId } from 'preact/hooks';

import { counted, grouped, nats, percent } from '../shared/format';
import {
  ngramChoice,
  ngramLosses,
  ngramOrder,
  ngramProblem,
  ngramsCapped,
  ngramsWanted,
  MAX_SOUGHT_ORDER,
} from './baselines';
import { baselines, unit } from './curve_data';
import type { Unit } from './curve_data';
import { MAX_ORDER } from '../../src/text/index';
import { MAX_NGRAM_CHARACTERS } from './text_protocol';

const ORDERS = Array.from({ length: MAX_ORDER }, (_, i) => String(i + 1));

/** What is drawn beside the curve, and in which unit. */
export function ChartOptions() {
  const id = useId();
  return (
    <>
      <div class="chart-options">
        <label for={`${id}-unit`}>Unit</label>
        <select
          id={`${id}-unit`}
          value={unit.value}
          onChange={(event) => (unit.value = event.currentTarget.value as Unit)}
        >
          <option value="nats">nats</option>
          <option value="bits">bits</option>
        </select>
        <Check label="Uniform" value={baselines.uniform} />
        <Check label="Unigram" value={baselines.unigram} />
        <Check label="N-gram" value={baselines.ngram} />
        <label for={`${id}-order`}>of order</label>
        <select
          id={`${id}-order`}
          value={ngramChoice.value}
          onChange={(event) => (ngramChoice.value = event.currentTarget.value)}
        >
          <option value="best">best of {MAX_SOUGHT_ORDER}</option>
          {ORDERS.map((order) => (
            <option key={order} value={order}>
              {order}
            </option>
          ))}
        </select>
      </div>
      <p class="hint ngram-state">
        <NgramState />
      </p>
    </>
  );
}

function Check({ label, value }: { label: string; value: Signal<boolean> }) {
  return (
    <label>
      <input
        type="checkbox"
        checked={value.value}
        onChange={(event) => (value.value = event.currentTarget.checked)}
      />{' '}
      {label}
    </label>
  );
}

/** How far the n-grams are, and what they came to. */
function NgramState() {
  const [losses, order] = [ngramLosses.value, ngramOrder.value];
  if (ngramProblem.value !== null) return <>{ngramProblem.value}</>;
  if (order === null) {
    if (ngramsWanted.value === 0) return <>N-grams are counted once the text rests.</>;
    return (
      <>
        Counting n-grams: order {losses.length + 1} of {ngramsWanted.value}…
      </>
    );
  }
  return (
    <>
      {order}-gram, Kneser-Ney: {nats(losses[order - 1])} nats per character on the held-out text.
      It counts what follows the last {counted(order - 1, 'character')}, and gives the character
      that comes a probability of {percent(Math.exp(-losses[order - 1]))}, which is what so many
      nats mean.
      {ngramsCapped.value && ` Counted on the first ${grouped(MAX_NGRAM_CHARACTERS)} characters.`}
    </>
  );
}
