/** What can be chosen of a network, and is trained anew by. Plain values: they go to the worker, and into the address. */
export interface Switches {
  readonly cell: 'gru' | 'lstm' | 'rnn';
  readonly directions: 'both' | 'forward';
  readonly attention: 'on' | 'off';
}

export type SwitchName = keyof Switches;

/** What each choice is called; the first is the one to begin with. */
export const CHOICES: { readonly [K in SwitchName]: Readonly<Record<Switches[K], string>> } = {
  cell: { gru: 'GRU', lstm: 'LSTM', rnn: 'plain RNN' },
  directions: { both: 'both directions', forward: 'forward alone' },
  attention: { on: 'with attention', off: 'without attention' },
};

export const SWITCH_TITLES: Readonly<Record<SwitchName, string>> = {
  cell: 'Cell',
  directions: 'Reads in',
  attention: 'Attention',
};

export const FIRST: Switches = { cell: 'gru', directions: 'both', attention: 'on' };

/** What is chosen, in words, of these switches. */
export const chosenNames = (names: readonly SwitchName[], chosen: Switches): string[] =>
  names.map((name) => (CHOICES[name] as Record<string, string>)[chosen[name]]);

/** A choice of that name, if there is one. */
export function choiceOf<K extends SwitchName>(name: K, value: string): Switches[K] | undefined {
  return Object.hasOwn(CHOICES[name], value) ? (value as Switches[K]) : undefined;
}

/** What is handed from step to step, in words. */
export function stateShape({ cell, directions }: Switches, units: number): string {
  const [name, each] = cell === 'lstm' ? ['h_t and c_t', 'each '] : ['h_t', ''];
  return `${name}: ${each}[batch, ${units}]${directions === 'both' ? ' in each direction' : ''}`;
}
