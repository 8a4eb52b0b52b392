import { NumberField, SelectField } from '../shared/fields';
import { cell, device, fieldProblems, optimizer, typed } from './form';
import type { NumberName } from './form';
import type { CellName, OptimizerName } from '../../src/train/config';
import type { DeviceKind } from './protocol';
import { isOpen } from './store';

const CELLS: Record<CellName, string> = { rnn: 'RNN (tanh)', lstm: 'LSTM', gru: 'GRU' };

const OPTIMIZERS: Record<OptimizerName, string> = {
  sgd: 'SGD, momentum 0.9',
  adagrad: 'Adagrad',
  rmsprop: 'RMSprop',
  adam: 'Adam',
  adamw: 'AdamW',
};

const DEVICES: Record<DeviceKind, string> = {
  auto: 'Automatic',
  webgpu: 'WebGPU',
  cpu: 'CPU',
};

/** The model, how it is trained, and where. A run keeps what it began with. */
export function Settings() {
  return (
    <section class="panel" aria-labelledby="settings-title">
      <h2 id="settings-title">Settings</h2>
      {isOpen.value && <p class="hint">Reset to change them.</p>}
      <fieldset disabled={isOpen.value}>
        <legend>Model</legend>
        <SelectField label="Cell" value={cell} choices={CELLS} />
        <Setting name="layers" label="Layers" hint="stacked" />
        <Setting name="hidden" label="Hidden units" hint="in each layer" />
        <Setting name="embedding" label="Embedding" hint="0 for one-hot" />
        <Setting name="dropout" label="Dropout" hint="0 for none" step="0.05" />
        <Setting name="seed" label="Seed" hint="same seed, same run" />
      </fieldset>
      <fieldset disabled={isOpen.value}>
        <legend>Training</legend>
        <Setting name="seq" label="Sequence length" hint="characters per step" />
        <Setting name="batch" label="Batch" hint="streams side by side" />
        <SelectField label="Optimizer" value={optimizer} choices={OPTIMIZERS} />
        <Setting name="lr" label="Learning rate" step="0.0005" />
        <Setting name="clip" label="Clip gradients at" hint="norm; 0 for no limit" />
        <SelectField label="Device" hint="a GPU if there is one" value={device} choices={DEVICES} />
      </fieldset>
    </section>
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
