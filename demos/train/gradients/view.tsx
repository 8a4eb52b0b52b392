import { useEffect, useId } from 'preact/hooks';

import { NumberField, SelectField } from '../../shared/fields';
import { Notice } from '../../shared/notice';
import { fieldProblems, typed } from '../form';
import { isOpen, mayChange } from '../store';
import { FlowChart } from './chart';
import {
  clip,
  forgetBias,
  fresh,
  gain,
  keepMeasuring,
  layer,
  measuring,
  ofRun,
  outputNorms,
  recurrentInit,
  seq,
  seqProblem,
  shown,
} from './store';
import type { Shown } from './store';
import './style.css';
import { brief, course } from './words';

const BIASES = { 0: '0', 1: '1', 3: '3' } as const;
const INITS = { uniform: 'Uniform', orthogonal: 'Orthogonal' } as const;

/** Gradients through time: how far back a loss is felt, in each kind of cell. */
export function GradientsView() {
  useEffect(keepMeasuring, []);
  const problem = fresh.problem.value ?? ofRun.problem.value;
  return (
    <main class="flow">
      <section class="panel flow-curves" aria-labelledby="flow-title">
        <h2 id="flow-title">How far back a loss is felt</h2>
        {problem && <Notice tone="alert">{problem.message}</Notice>}
        <FlowChart />
        <Table />
      </section>
      <section class="panel flow-settings" aria-labelledby="flow-settings-title">
        <h2 id="flow-settings-title">New models</h2>
        <Size />
        <fieldset>
          <legend>How they start</legend>
          <Gain />
          <SelectField
            label="Recurrent weights"
            hint="of all cells"
            value={recurrentInit}
            choices={INITS}
          />
          <SelectField
            label="Forget-gate bias"
            hint="of cells with a gate f"
            value={forgetBias}
            choices={BIASES}
          />
          <NumberField
            label="Characters"
            hint="2 to 200, in 8 windows"
            value={seq}
            problem={seqProblem}
            min="2"
          />
          <NumberField
            label="Clip at"
            hint={mayChange.value ? 'norm; 0 for no limit' : 'Pause to change it'}
            value={typed.clip}
            problem={fieldProblems.clip}
            disabled={!mayChange.value}
          />
          <Layer />
        </fieldset>
      </section>
      <Reading />
    </main>
  );
}

function Size() {
  const [curve] = fresh.value.value ?? [];
  if (!curve) return <p class="hint">Cell, size and text are those of the Train view.</p>;
  const wanted = typed.hidden.value;
  const capped = Number(wanted) > curve.hidden;
  return (
    <p class="hint">
      {curve.hidden} hidden units, {curve.layers === 1 ? 'one layer' : `${curve.layers} layers`}, as
      in the Train view{capped && ` (not ${wanted}, so that the answer comes at once)`}.
    </p>
  );
}

function Gain() {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>
        Gain <span aria-hidden="true">{gain.value.toFixed(1)}</span>
      </label>
      <input
        id={id}
        type="range"
        min="0.5"
        max="2"
        step="0.1"
        value={gain.value}
        aria-describedby={`${id}-note`}
        onInput={(event) => (gain.value = event.currentTarget.valueAsNumber)}
      />
      <p id={`${id}-note`} class="hint">
        factor on the recurrent weights
      </p>
    </div>
  );
}

/** The layer shown, where there are several. */
function Layer() {
  const most = Math.max(...shown.value.map(({ layers }) => layers), 1);
  if (most === 1) return null;
  const choices: Record<string, string> = { '': 'Top' };
  for (let at = 1; at <= most; at++) choices[at] = at === 1 ? '1, lowest' : String(at);
  return <SelectField label="Layer shown" value={layer} choices={choices} />;
}

function Table() {
  const curves = shown.value;
  const back = Math.max(...curves.map((curve) => outputNorms(curve).length - 1), 0);
  const limit = clip.value > 0 ? `Clipped at ${clip.value}` : 'Clipping is off';
  return (
    <div class="flow-table" tabIndex={0} role="group" aria-label="The curves in numbers">
      <table aria-busy={measuring.value}>
        <thead>
          <tr>
            <th scope="col" rowSpan={2}>
              Model
            </th>
            <th scope="colgroup" colSpan={3}>
              Loss at the last step only
            </th>
            <th scope="colgroup" colSpan={2}>
              All losses: gradient of the weights
            </th>
          </tr>
          <tr>
            <th scope="col">At 0 steps back</th>
            <th scope="col">At {back || 'the last'}</th>
            <th scope="col">On the way</th>
            <th scope="col">Norm</th>
            <th scope="col">{limit}</th>
          </tr>
        </thead>
        <tbody>
          {curves.map((curve) => (
            <Row key={curve.name} curve={curve} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ curve }: { curve: Shown }) {
  const norms = outputNorms(curve);
  const { before, after } = curve.whole;
  return (
    <tr data-curve={curve.name}>
      <th scope="row">{curve.title}</th>
      <td data-value="first">{brief(norms[0])}</td>
      <td data-value="last">{brief(norms.at(-1)!)}</td>
      <td>{course(norms)}</td>
      <td data-value="before">{brief(before)}</td>
      <td data-value="after">
        {brief(after)}
        {after < before * 0.999 && <span class="note"> cut</span>}
      </td>
    </tr>
  );
}

function Reading() {
  return (
    <section class="panel flow-reading" aria-labelledby="flow-reading-title">
      <h2 id="flow-reading-title">How to read it</h2>
      <p>
        A loss is taken at the last character only. The curve tells how much it would change if the
        hidden state had been a little different some steps before: the norm of dL/dh. The scale
        counts in powers of ten; what falls below it is as good as gone.
      </p>
      <p>
        A line that falls is a gradient that vanishes: what the network read that long ago hardly
        changes its weights, so it hardly learns from it. A line that rises is a gradient that
        explodes. A flat line carries what was learnt all the way.
      </p>
      <p>
        At every step back the gradient passes the recurrent weights once more. Turn the gain down,
        and all curves fall faster; turn it up, and they hold or rise. Orthogonal weights keep
        lengths at a gain of 1, so only the gates and the tanh shrink the gradient.
      </p>
      <p>
        The LSTM's cell state has a way of its own, past the weights: each step multiplies by the
        forget gate. A higher bias opens that gate, and the line lies flatter. The GRU's update gate
        does the same for its hidden state.
      </p>
      <p>
        Training adds the losses of all steps. Clipping scales the whole gradient down to a norm
        where it is longer; it tames an explosion, and does nothing for a gradient that vanished.
      </p>
      {!isOpen.value && (
        <p>Start a run to see the curve of your own model, and how it changes as it learns.</p>
      )}
    </section>
  );
}
