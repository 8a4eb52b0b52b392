/** The gradient of an output of the answer that is shown, asked for while it is to be seen. */
import { batch, computed, effect, signal } from '@preact/signals';

import type { Gradients } from '../learn/protocol';
import { showing } from './showing';
import { input, learner, reply, which } from './state';

interface Found {
  /** What the network was asked. */
  readonly input: unknown;
  readonly gradients: Gradients;
}

const found = signal<Found | null>(null);
/** Those of the present input. */
export const gradients = computed(() =>
  found.value !== null && found.value.input === input.value ? found.value.gradients : null,
);
/** Why there are none. */
export const gradientProblem = signal<string | null>(null);
/** The output, by its place among the outputs; null for the one that is shown at first. */
export const gradientOf = signal<number | null>(null);

let asking = false;
let again = false;

/** One question at a time: while a model learns, its answers come faster than gradients. */
async function ask(): Promise<void> {
  again = asking;
  if (asking) return;
  asking = true;
  const asked = input.peek();
  const given = await learner.gradient(asked, gradientOf.peek(), which.peek());
  asking = false;
  if (input.peek() === asked && reply.peek() !== null && showing.gradient.peek()) {
    batch(() => {
      const value = 'value' in given ? given.value : null;
      found.value = value && { input: asked, gradients: value };
      gradientProblem.value = 'problem' in given ? given.problem.message : null;
    });
  }
  if (again) void ask();
}

input.subscribe(() => (gradientOf.value = null));

effect(() => {
  const wanted = showing.gradient.value && reply.value !== null;
  // A change of the output asks again as well.
  void gradientOf.value;
  if (wanted) void ask();
  else [found.value, gradientProblem.value] = [null, null];
});
