import { useEffect } from 'preact/hooks';

import { SelectField } from '../../shared/fields';
import { counted } from '../../shared/format';
import { Notice } from '../../shared/notice';
import { asOf } from '../as_of';
import { CELL_LABELS } from '../cell_labels';
import { Drawing } from './drawing';
import { Facts } from './facts';
import type { GraphFacts } from './protocol';
import { keepTracing, kind, model, traced } from './store';
import './style.css';

const MODELS = { new: 'A new, small one', run: 'Yours, as it is now' } as const;
const GRAPHS = { unrolled: 'Step by step', fused: 'As it is trained' } as const;

/** Graph: the operations of one training step, and the tensors between them. */
export function GraphView() {
  useEffect(keepTracing, []);
  const problem = traced.problem.value;
  return (
    <main class="graph-view">
      <section class="panel graph-main" aria-labelledby="graph-title">
        <h2 id="graph-title">One training step</h2>
        <div class="graph-settings">
          <SelectField label="Model" value={model} choices={MODELS} />
          <SelectField label="Graph" value={kind} choices={GRAPHS} />
          <button type="button" disabled={traced.waiting.value} onClick={() => void traced.ask()}>
            Trace again
          </button>
        </div>
        {problem && <Notice tone="alert">{problem.message}</Notice>}
        <Summary facts={traced.value.value} />
        <Drawing />
        <Facts />
      </section>
      <Reading />
    </main>
  );
}

function Summary({ facts }: { facts: GraphFacts | null }) {
  if (!facts) return <p class="hint graph-summary">{traced.waiting.value && 'Tracing…'}</p>;
  const { cell, hidden, layers, seq, batch, step, operations, tensors, root } = facts;
  return (
    <p class="hint graph-summary">
      {step === null ? 'A new' : 'Your'} {CELL_LABELS[cell]}: {counted(layers, 'layer')} of{' '}
      {counted(hidden, 'unit')}. {step !== null && asOf(step)} {seq} characters of {batch} windows
      of your text, {counted(operations.length, 'operation')}, loss{' '}
      {tensors[root].value.mean.toFixed(3)} nats.
    </p>
  );
}

function Reading() {
  return (
    <section class="panel graph-reading" aria-labelledby="graph-reading-title">
      <h2 id="graph-reading-title">How to read it</h2>
      <p>
        The drawing is the graph that the step recorded as it ran. Time goes from left to right:
        every box reads what comes in on its left. The gradient is computed from the loss on the
        right back along the same lines.
      </p>
      <p>
        Step by step, a recurrent layer does the same at each time step, with the same weights:
        lines from one parameter to several boxes. Select it, and its lines stand out. Training runs
        the other graph, where a layer is one operation; values and gradients are the same.
      </p>
      <p>Reshapes are left out: they change no value.</p>
    </section>
  );
}
