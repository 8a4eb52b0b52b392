import type { ReadonlySignal, Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface NumberFieldProps {
  label: string;
  /** What the number does, in a few words. */
  hint?: string;
  value: Signal<string>;
  /** What is wrong with it, or null. */
  problem?: ReadonlySignal<string | null>;
  step?: string;
  min?: string;
  disabled?: boolean;
}

/** A number, kept as it is typed, with what is wrong with it below. */
export function NumberField({
  label,
  hint,
  value,
  problem,
  step,
  min = '0',
  disabled,
}: NumberFieldProps) {
  const id = useId();
  const wrong = problem?.value ?? null;
  return (
    <Field id={id} label={label} hint={hint} wrong={wrong}>
      <input
        id={id}
        type="number"
        min={min}
        step={step ?? '1'}
        value={value.value}
        disabled={disabled}
        aria-invalid={wrong !== null}
        aria-describedby={`${id}-note`}
        onInput={(event) => (value.value = event.currentTarget.value)}
      />
    </Field>
  );
}

interface SelectFieldProps<T extends string> {
  label: string;
  hint?: string;
  value: Signal<T>;
  /** What each choice is called. */
  choices: Readonly<Record<T, string>>;
  disabled?: boolean;
}

/** One of several names. */
export function SelectField<T extends string>({
  label,
  hint,
  value,
  choices,
  disabled,
}: SelectFieldProps<T>) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint} wrong={null}>
      <select
        id={id}
        value={value.value}
        disabled={disabled}
        aria-describedby={`${id}-note`}
        onChange={(event) => (value.value = event.currentTarget.value as T)}
      >
        {Object.entries<string>(choices).map(([choice, name]) => (
          <option key={choice} value={choice}>
            {name}
          </option>
        ))}
      </select>
    </Field>
  );
}

function Field({
  id,
  label,
  hint,
  wrong,
  children,
}: {
  id: string;
  label: string;
  hint?: string;
  wrong: string | null;
  children: ComponentChildren;
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      <p id={`${id}-note`} class={wrong === null ? 'hint' : 'wrong'}>
        {wrong ?? hint}
      </p>
    </div>
  );
}
