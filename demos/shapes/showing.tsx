import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';

/** What the picture shows besides the boxes. */
export const showing = { tensors: signal(false), gradient: signal(false) };

const TITLES: readonly (readonly [Signal<boolean>, string])[] = [
  [showing.tensors, 'Shapes of the tensors'],
  [showing.gradient, 'Where the gradient flows'],
];

export function ShowingFields() {
  return (
    <div class="showing">
      {TITLES.map(([shown, title]) => (
        <label key={title}>
          <input
            type="checkbox"
            checked={shown.value}
            onChange={({ currentTarget }) => (shown.value = currentTarget.checked)}
          />
          {title}
        </label>
      ))}
    </div>
  );
}
