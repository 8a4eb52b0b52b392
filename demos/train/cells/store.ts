import { computed, signal } from '@preact/signals';

import { findUnits, gateSaturation, PROBES } from '../../../src/inspect/index';
import type { GateName, LayerTrace, ProbeName } from '../../../src/inspect/index';
import { grouped } from '../../shared/format';
import { Asked } from '../asked';
import { parseNumber, source, statistics } from '../form';
import type { Look } from './protocol';

/** Characters looked at in one go, at most: each unit keeps several numbers for each. */
export const MAX_CHARACTERS = 5000;

/** Which text to look at. */
export const place = signal<'training' | 'own'>('training');
/** Characters of the training text before the stretch, and in it; as typed. */
export const from = signal('0');
export const length = signal('2000');
export const ownText = signal('');
/** Look again every few seconds while the model trains. */
export const follow = signal(true);

/** What is wrong with the stretch, or null. */
export const fromProblem = computed(() => {
  const value = parseNumber(from.value);
  const { characters } = statistics.value;
  if (Number.isInteger(value) && value >= 0 && value < characters) return null;
  return `A whole number from 0 to ${grouped(Math.max(characters - 1, 0))} is needed.`;
});
export const lengthProblem = computed(() => {
  const value = parseNumber(length.value);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_CHARACTERS) return null;
  return `A whole number from 1 to ${grouped(MAX_CHARACTERS)} is needed.`;
});

/** The text to look at; null where none is chosen yet. */
export const chosenText = computed<string | null>(() => {
  if (place.value === 'own') {
    return ownText.value === '' ? null : cut(ownText.value, 0, MAX_CHARACTERS);
  }
  if (fromProblem.value !== null || lengthProblem.value !== null) return null;
  return cut(source.value.text, parseNumber(from.value), parseNumber(length.value));
});

/** What the model does on the chosen text; what is there stays while none is. */
export const looked: Asked<Look | null> = new Asked(async (service) => {
  const text = chosenText.peek();
  return text === null ? { value: look.peek() } : service.cells.look(text);
});
export const { value: look, waiting: looking, problem: lookProblem } = looked;

/** So many characters (code points) of a text, from one on. */
function cut(text: string, start: number, count: number): string {
  const units = (begin: number, characters: number): number => {
    let at = begin;
    for (let i = 0; i < characters && at < text.length; i++) {
      at += text.codePointAt(at)! > 0xffff ? 2 : 1;
    }
    return at;
  };
  const begin = units(0, start);
  return text.slice(begin, units(begin, count));
}

/** What can be shown of a unit. */
export type Channel = 'tanhC' | 'c' | 'h' | GateName;

export const CHANNELS: Readonly<Record<Channel, string>> = {
  tanhC: 'tanh(c), the memory',
  c: 'c, the cell state',
  h: 'h, the hidden state',
  i: 'i, the input gate',
  f: 'f, the forget gate',
  g: 'g, the candidate',
  o: 'o, the output gate',
  r: 'r, the reset gate',
  z: 'z, the update gate',
  n: 'n, the candidate',
};

/** Short names, beside a value. */
export const SHORT: Readonly<Record<Channel, string>> = {
  ...{ tanhC: 'tanh(c)', c: 'c', h: 'h' },
  ...{ i: 'i', f: 'f', g: 'g', o: 'o', r: 'r', z: 'z', n: 'n' },
};

export function valuesOf(trace: LayerTrace, channel: Channel): Float32Array | undefined {
  switch (channel) {
    case 'h':
    case 'c':
    case 'tanhC':
      return trace[channel];
    default:
      return trace.gates[channel];
  }
}

const wantedLayer = signal(0);
const wantedUnit = signal(0);
const wantedChannel = signal<Channel>('tanhC');
const wantedPosition = signal(0);
/** Colours stretched to the largest value of each unit. */
export const stretched = signal(false);
export const probe = signal<ProbeName>('quotes');

export const trace = computed(() => {
  const layers = look.value?.layers;
  return layers?.[Math.min(wantedLayer.value, layers.length - 1)];
});
export const layer = computed(() => trace.value?.layer ?? 0);
// Another model may have fewer units, or none of this kind of value.
export const unit = computed(() => Math.min(wantedUnit.value, (trace.value?.hidden ?? 1) - 1));
export const channels = computed(() => {
  const of = trace.value;
  return of ? (Object.keys(CHANNELS) as Channel[]).filter((name) => valuesOf(of, name)) : [];
});
export const channel = computed<Channel>(() =>
  channels.value.includes(wantedChannel.value) ? wantedChannel.value : (channels.value[0] ?? 'h'),
);

export const characters = computed(() => Array.from(look.value?.text ?? ''));
export const position = computed(() =>
  Math.max(0, Math.min(wantedPosition.value, characters.value.length - 1)),
);

export function pickLayer(value: number): void {
  wantedLayer.value = value;
}
export function pickUnit(value: number): void {
  wantedUnit.value = value;
}
export function pickChannel(value: Channel): void {
  wantedChannel.value = value;
}
export function pickPosition(value: number): void {
  wantedPosition.value = value;
}

/** All values of the layer, [time, hidden]. */
export const layerValues = computed(
  () => (trace.value && valuesOf(trace.value, channel.value)) ?? new Float32Array(),
);

/** Those of one unit, [time]. */
export function unitValues(values: Float32Array, hidden: number, unit: number): Float32Array {
  return Float32Array.from({ length: values.length / hidden }, (_, t) => values[t * hidden + unit]);
}

export const values = computed(() =>
  unitValues(layerValues.value, trace.value?.hidden ?? 1, unit.value),
);

/** Gates are from 0 to 1, all else lies about 0. */
export const isGate = computed(() => ['i', 'f', 'o', 'r', 'z'].includes(channel.value));

/** The size of a value that has the full colour, for one unit of the layer. */
export const fullColour = computed<(values: Float32Array) => number>(() => {
  const largest = (all: Float32Array): number =>
    all.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  if (stretched.value) return largest;
  const bound = channel.value === 'c' ? largest(layerValues.value) : 1;
  return () => bound;
});

export const probeValues = computed(() => PROBES[probe.value](look.value?.text ?? ''));
/** False where the text has nothing that the probe looks for: no unit can follow it then. */
export const probeVaries = computed(() =>
  probeValues.value.some((value) => value !== probeValues.value[0]),
);
export const matches = computed(() => findUnits(look.value?.layers ?? [], probeValues.value));
export const saturation = computed(() => (trace.value ? gateSaturation(trace.value) : {}));
