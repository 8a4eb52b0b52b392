import { computed } from '@preact/signals';

import { counted, grouped } from '../shared/format';
import { CELL_LABELS } from './cell_labels';
import { cell, parseNumber, settingsFit, typed } from './form';

/** The settings in one line: `LSTM, 128 units, 50 characters a step`. */
export const settingsInWords = computed(() => {
  if (!settingsFit.value) return 'a setting is out of range';
  const number = (name: 'hidden' | 'layers' | 'seq') => parseNumber(typed[name].value);
  const layers = number('layers');
  const units = counted(number('hidden'), 'unit');
  return [
    CELL_LABELS[cell.value],
    layers === 1 ? units : `${grouped(layers)} layers of ${units}`,
    `${counted(number('seq'), 'character')} a step`,
  ].join(', ');
});
