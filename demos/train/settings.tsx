import { computed, signal } from '@preact/signals';

import './curves.css';
import { NumberField, SelectField } from '../shared/fields';
import { grouped, megabytes } from '../shared/format';
import {
  cell,
  device,
  fieldProblems,
  forgetBias,
  forgetBiasProblem,
  HELD_OUT,
  optimizer,
  recurrentInit,
  runSettings,
  schedule,
  settingsFit,
  statistics,
  stopAfter,
  stopAfterProblem,
  storage,
  typed,
} from './form';
import type { NumberName } from './form';
import type { CellName, ModelConfig, OptimizerName, ScheduleName } from '../../src/train/config';
import { estimateMemory } from '../../src/train/memory';
import type { DeviceKind } from './protocol';
import { isOpen } from './store';

const CELLS: Record<CellName, string> = { rnn: 'RNN (tanh)', lstm: 'LSTM', gru: 'GRU' };

const OPTIMIZERS: Record<OptimizerName, string> = {
  sgd: 'SGD, momentum 0.9',
  adagrad: 'Adagrad',
  rmsprop: 'RMSprop',
  adam: 'Adam',
  adamw: 'AdamW, decay 0.01',
};

const SCHEDULES: Record<ScheduleName, string> = {
  constant: 'Constant',
  cosine: 'Cosine to zero',
  step: 'Drop in steps',
  exponential: 'Exponential',
};

const INITS: Record<ModelConfig['recurrentInit'], string> = {
  uniform: 'Uniform',
  orthogonal: 'Orthogonal',
};

const FORMATS: Record<ModelConfig['storage'], string> = { f32: '32-bit', f16: '16-bit' };

const DEVICES: Record<DeviceKind, string> = {
  auto: 'Automatic',
  webgpu: 'WebGPU',
  cpu: 'CPU',
};

/** Whether the settings that seldom matter are in sight. */
const opened = signal(false);

const estimate = computed(() => {
  const { distinct } = statistics.value;
  return settingsFit.value && distinct > 0
    ? estimateMemory(runSettings.value.train, distinct)
    : null;
});

/** The model, how it is trained, and where. A run keeps what it began with. */
export function Settings() {
  const locked = isOpen.value;
  return (
    <section class="panel" aria-labelledby="settings-title">
      <h2 id="settings-title">Settings</h2>
      {locked && <p class="hint">Reset to change them.</p>}
      <fieldset disabled={locked}>
        <legend>Model</legend>
        <SelectField label="Cell" value={cell} choices={CELLS} />
        <Setting name="layers" label="Layers" hint="stacked" />
        <Setting name="hidden" label="Hidden units" hint="in each layer" />
        <Setting name="embedding" label="Embedding" hint="0 for one-hot" />
      </fieldset>
      <fieldset disabled={locked}>
        <legend>Training</legend>
        <Setting name="seq" label="Sequence length" hint="characters per step" />
        <Setting name="batch" label="Batch" hint="streams side by side" />
        <SelectField label="Optimizer" value={optimizer} choices={OPTIMIZERS} />
        <Setting name="lr" label="Learning rate" step="0.0005" />
        <SelectField label="Device" hint="a GPU if there is one" value={device} choices={DEVICES} />
        <NumberField
          label="Stop after"
          hint="steps; 0 for never"
          value={stopAfter}
          problem={stopAfterProblem}
        />
      </fieldset>
      <Estimate />
      <details
        class="more"
        open={opened.value}
        onToggle={(event) => (opened.value = event.currentTarget.open)}
      >
        <summary>More settings</summary>
        <fieldset disabled={locked}>
          <legend>Model</legend>
          <Setting name="dropout" label="Dropout" hint="0 for none" step="0.05" />
          <SelectField label="Recurrent weights" value={recurrentInit} choices={INITS} />
          <NumberField
            label="Forget bias"
            hint="LSTM; blank for random"
            value={forgetBias}
            problem={forgetBiasProblem}
            step="0.5"
            min=""
          />
          <SelectField
            label="Stored as"
            hint="16-bit halves what layers keep"
            value={storage}
            choices={FORMATS}
          />
          <Setting name="seed" label="Seed" hint="same seed, same run" />
          <Setting
            name="validFraction"
            label="Held out"
            hint={`share of the text; ${grouped(HELD_OUT)} characters at most`}
            step="0.05"
          />
        </fieldset>
        <fieldset disabled={locked}>
          <legend>Rate and gradients</legend>
          <SelectField label="Schedule" hint="of the rate" value={schedule} choices={SCHEDULES} />
          <Setting name="warmup" label="Warm-up" hint="steps; 0 for none" />
          <Setting
            name="scheduleSteps"
            label="Schedule steps"
            hint="to its end, or between drops; blank: by the length of the run"
          />
          <Setting
            name="gamma"
            label="Gamma"
            hint="factor of a drop, or of each step; blank: by the length of the run"
            step="0.05"
          />
          <Setting name="clip" label="Clip gradients at" hint="norm; 0 for no limit" />
          <Setting name="clipValue" label="Clip elements at" hint="size; 0 for no limit" />
        </fieldset>
      </details>
    </section>
  );
}

/** What the model will come to, before there is one. */
function Estimate() {
  const now = estimate.value;
  return (
    <p class="hint estimate">
      {now
        ? `${grouped(now.parameters)} parameters, about ${megabytes(now.total)}: ` +
          `weights ${megabytes(now.weights)}, gradients and optimizer ` +
          `${megabytes(now.optimizer)}, activations ${megabytes(now.activations)}.`
        : 'No estimate: a setting is out of range, or there is no text.'}
    </p>
  );
}

function Setting({
  name,
  ...rest
}: {
  name: NumberName;
  label: string;
  hint?: string;
  step?: string;
}) {
  return <NumberField {...rest} value={typed[name]} problem={fieldProblems[name]} />;
}
