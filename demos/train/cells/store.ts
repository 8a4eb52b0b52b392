import { computed, signal } from '@preact/signals';

import { findUnits, gateSaturation, memoryOf, PROBES } from '../../../src/inspect/index';
import type { LayerTrace, ProbeName } from '../../../src/inspect/index';
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
export interface Channel {
  /** What is written beside a value: the name in the equations. */
  readonly name: string;
  readonly title: string;
  readonly kind: 'memory' | 'carried' | 'output' | 'gate' | 'candidate';
  readonly values: Float32Array;
}

/** What letters mean in all cells that have them. */
export const MEANINGS: Readonly<Record<string, string>> = {
  ...{ h: 'the hidden state', c: 'the cell state', i: 'the input gate', f: 'the forget gate' },
  ...{ o: 'the output gate', r: 'the reset gate', z: 'the update gate' },
  ...{ g: 'the candidate', n: 'the candidate' },
};

const titled = (name: string): string =>
  Object.hasOwn(MEANINGS, name) ? `${name}, ${MEANINGS[name]}` : name;

/** What a layer's memory is called: that of a cell which carries more than its output. */
export function memoryName({ states }: LayerTrace): string {
  const [output, memory] = Object.keys(states);
  return memory === undefined ? output : `tanh(${memory})`;
}

function channelsOf(trace: LayerTrace): Channel[] {
  const { states, gates, opening } = trace;
  const [output, ...others] = Object.entries(states);
  const name = memoryName(trace);
  const memory: Channel[] =
    others.length > 0
      ? [{ name, title: `${name}, the memory`, kind: 'memory', values: memoryOf(trace) }]
      : [];
  const named = (kind: Channel['kind'], [each, values]: [string, Float32Array]): Channel => ({
    ...{ name: each, title: titled(each), kind, values },
  });
  return [
    ...memory,
    ...others.map((entry) => named('carried', entry)),
    named('output', output),
    ...Object.entries(gates).map((entry) =>
      named(opening.includes(entry[0]) ? 'gate' : 'candidate', entry),
    ),
  ];
}

const NOTHING: Channel = { name: '', title: '', kind: 'output', values: new Float32Array() };

const wantedLayer = signal(0);
const wantedUnit = signal(0);
/** A name; the first there is, where the cell has none of it. */
const wantedChannel = signal('');
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
export const channels = computed(() => (trace.value ? channelsOf(trace.value) : []));
export const channel = computed<Channel>(
  () =>
    channels.value.find(({ name }) => name === wantedChannel.value) ?? channels.value[0] ?? NOTHING,
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
export function pickChannel(value: string): void {
  wantedChannel.value = value;
}
export function pickPosition(value: number): void {
  wantedPosition.value = value;
}

/** All values of the layer, [time, hidden]. */
export const layerValues = computed(() => channel.value.values);

/** Those of one unit, [time]. */
export function unitValues(values: Float32Array, hidden: number, unit: number): Float32Array {
  return Float32Array.from({ length: values.length / hidden }, (_, t) => values[t * hidden + unit]);
}

export const values = computed(() =>
  unitValues(layerValues.value, trace.value?.hidden ?? 1, unit.value),
);

/** Gates are from 0 to 1, all else lies about 0. */
export const isGate = computed(() => channel.value.kind === 'gate');

/** The largest size among values; 1 where all are 0. */
const largest = (all: Float32Array): number =>
  all.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;

/** How far the memory of a layer's units reaches to either side: 1 at least, as tanh would hold it. */
export const reachOf = (memory: Float32Array): number => Math.max(1, largest(memory));

/** The size of a value that has the full colour, for one unit of the layer. */
export const fullColour = computed<(values: Float32Array) => number>(() => {
  if (stretched.value) return largest;
  // What no function holds to -1 and 1 may be of any size.
  const all = layerValues.value;
  const bound = channel.value.kind === 'carried' ? largest(all) : reachOf(all);
  return () => bound;
});

export const probeValues = computed(() => PROBES[probe.value](look.value?.text ?? ''));
/** False where the text has nothing that the probe looks for: no unit can follow it then. */
export const probeVaries = computed(() =>
  probeValues.value.some((value) => value !== probeValues.value[0]),
);
export const matches = computed(() => findUnits(look.value?.layers ?? [], probeValues.value));
export const saturation = computed(() => (trace.value ? gateSaturation(trace.value) : {}));
