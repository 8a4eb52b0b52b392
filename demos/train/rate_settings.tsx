import { completeConfig } from '../../src/train/config';
import type { ScheduleName } from '../../src/train/config';
import { SelectField } from '../shared/fields';
import { counted, significant } from '../shared/format';
import { runSettings, schedule, settingsFit } from './form';
import { rateCourse } from './rate_course';
import { Setting } from './setting';
import { mayChange } from './store';

const SCHEDULES: Record<ScheduleName, string> = {
  constant: 'Constant',
  cosine: 'Cosine to zero',
  step: 'Drop in steps',
  exponential: 'Exponential',
};

/** The course of the learning rate, and the bounds of gradients. */
export function RateSettings() {
  return (
    <fieldset>
      <legend>Rate and gradients</legend>
      <SelectField
        label="Schedule"
        hint="of the rate"
        value={schedule}
        choices={SCHEDULES}
        disabled={!mayChange.value}
      />
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
      <Course />
      <Setting name="clip" label="Clip gradients at" hint="norm; 0 for no limit" />
      <Setting name="clipValue" label="Clip elements at" hint="size; 0 for no limit" />
    </fieldset>
  );
}

/** Of the drawing. */
const [WIDTH, HEIGHT] = [120, 32];

/** What the rate will be, as a line and in words. */
function Course() {
  if (!settingsFit.value) return null;
  const { end, rates } = rateCourse(completeConfig(runSettings.value.train));
  const most = Math.max(...rates, Number.MIN_VALUE);
  const x = (i: number) => ((i / (rates.length - 1)) * WIDTH).toFixed(1);
  const y = (rate: number) => (1 + (1 - rate / most) * (HEIGHT - 2)).toFixed(1);
  const at = (share: number) => significant(rates[Math.round(share * (rates.length - 1))]);
  return (
    <p class="hint rate-course" data-figure="rate-course">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
        <polyline points={rates.map((rate, i) => `${x(i)},${y(rate)}`).join(' ')} />
      </svg>
      {new Set(rates).size === 1
        ? `The rate stays at ${at(0)}.`
        : `The rate: ${at(0)} at first, ${at(0.5)} after ${counted(Math.round(end / 2), 'step')}, ` +
          `${at(1)} after ${counted(end, 'step')}.`}
    </p>
  );
}
