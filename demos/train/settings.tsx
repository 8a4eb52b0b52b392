import { computed, signal } from '@preact/signals';

import './curves.css';
import { NumberField, SelectField } from '../shared/fields';
import { grouped, megabytes } from '../shared/format';
import {
  cell,
  device,
  forgetBias,
  forgetBiasProblem,
  forgets,
  optimizer,
  recurrentInit,
  runSettings,
  settingsFit,
  statistics,
  stopAfter,
  stopAfterProblem,
} from './form';
import type { ModelConfig, OptimizerName } from '../../src/train/config';
import { estimateMemory } from '../../src/train/memory';
import { CELL_LABELS } from './cell_labels';
import { DeviceNotice } from './notices';
import type { DeviceKind } from './protocol';
import { RateSettings } from './rate_settings';
import { Setting } from './setting';
import { isOpen, mayChange } from './store';
import { MAX_HELD_OUT_CHARACTERS } from './text_protocol';

const OPTIMIZERS: Record<OptimizerName, string> = {
  sgd: 'SGD, momentum 0.9',
  adagrad: 'Adagrad',
  rmsprop: 'RMSprop',
  adam: 'Adam',
  adamw: 'AdamW, decay 0.01',
};

const INITS: Record<ModelConfig['recurrentInit'], string> = {
  uniform: 'Uniform',
  orthogonal: 'Orthogonal',
};

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

const LOCKED = 'A run keeps what it began with. What is not greyed out changes as you resume.';
const RUNNING =
  'Pause to change the rate, the clipping, dropout, the device or the end; Reset for a new run.';

/** The model, how it is trained, and where. */
export function Settings() {
  const locked = isOpen.value;
  const fixed = !mayChange.value;
  return (
    <div class="panel settings" role="group" aria-label="Settings">
      {locked && <p class="hint">{fixed ? RUNNING : LOCKED}</p>}
      <fieldset disabled={locked}>
        <legend>Model</legend>
        <SelectField label="Cell" value={cell} choices={CELL_LABELS} />
        <Setting name="layers" label="Layers" hint="stacked" />
        <Setting name="hidden" label="Hidden units" hint="in each layer" />
        <Setting name="embedding" label="Embedding" hint="0 for one-hot" />
      </fieldset>
      <fieldset>
        <legend>Training</legend>
        <Setting name="seq" label="Sequence length" hint="characters per step" />
        <Setting name="batch" label="Batch" hint="streams side by side" />
        <SelectField label="Optimizer" value={optimizer} choices={OPTIMIZERS} disabled={locked} />
        <Setting name="lr" label="Learning rate" step="0.0005" />
        <SelectField
          label="Device"
          hint="a GPU if there is one"
          value={device}
          choices={DEVICES}
          disabled={fixed}
        />
        <NumberField
          label="Stop after"
          hint="steps; 0 for never"
          value={stopAfter}
          problem={stopAfterProblem}
          disabled={fixed}
        />
      </fieldset>
      <Estimate />
      <details
        class="more"
        open={opened.value}
        onToggle={(event) => (opened.value = event.currentTarget.open)}
      >
        <summary>More settings</summary>
        <fieldset>
          <legend>Model</legend>
          <Setting name="dropout" label="Dropout" hint="0 for none" step="0.05" />
          <SelectField
            label="Recurrent weights"
            value={recurrentInit}
            choices={INITS}
            disabled={locked}
          />
          <NumberField
            label="Forget bias"
            hint={forgets.value ? 'blank for that of the cell' : 'this cell has none'}
            value={forgetBias}
            problem={forgetBiasProblem}
            disabled={locked}
            step="0.5"
            min=""
          />
          <Setting name="seed" label="Seed" hint="same seed, same run" />
          <Setting
            name="validFraction"
            label="Held out"
            hint={`share of the text; ${grouped(MAX_HELD_OUT_CHARACTERS)} characters at most`}
            step="0.05"
          />
        </fieldset>
        <RateSettings />
      </details>
      <DeviceNotice />
    </div>
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
