import { batch, computed, effect, signal } from '@preact/signals';

import {
  findUnits,
  gateSaturation,
  memoryOf,
  PROBES,
  probesOf,
  unitColumn,
} from '../../../src/inspect/index';
import type { LayerTrace, ProbeName, UnitClaim } from '../../../src/inspect/index';
import { grouped } from '../../shared/format';
import { Asked } from '../../shared/asked';
import { parseNumber, source, statistics } from '../form';
import { connect } from '../service';
import type { Look } from './protocol';
import { richestStretch } from './stretch';

/** Characters looked at in one go, at most: each unit keeps several numbers for each. */
export const MAX_CHARACTERS = 5000;

/** Which text to look at. */
export const place = signal<'training' | 'own'>('training');
/** Characters of the training text before the stretch, and in it; as typed. */
export const from = signal('0');
export const length = signal('3000');
/** True until a stretch is found that is worth reading. */
export const seeking = signal(false);
/** The text of which the page has chosen a stretch. */
let sought = '';

/** Chooses a stretch of a text; another one that is typed stays. */
export async function seekStretch(text: string): Promise<void> {
  if (text === sought) return;
  sought = text;
  seeking.value = true;
  const at = await richestStretch(text, parseNumber(length.peek()) || 0);
  if (text !== sought) return;
  batch(() => {
    from.value = String(at);
    seeking.value = false;
  });
}
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
  if (seeking.value || fromProblem.value !== null || lengthProblem.value !== null) return null;
  return cut(source.value.text, parseNumber(from.value), parseNumber(length.value));
});

/** What the model does on the chosen text; what is there stays while none is. */
export const looked: Asked<Look | null, ReturnType<typeof connect>> = new Asked(
  connect,
  async (service) => {
    const text = chosenText.peek();
    return text === null ? { value: look.peek() } : service.cells.look(text);
  },
);
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

/** The unit that was picked; null while the page chooses. */
const wanted = signal<Place | null>(null);
/** The unit that the page chose. */
const chosen = signal<Place>({ layer: 0, unit: 0 });
/** A name; the first there is, where the cell has none of it. */
const wantedChannel = signal('');
const wantedPosition = signal(40);
const wantedProbe = signal<ProbeName | null>(null);
/** Colours stretched to the largest value of each unit. */
export const stretched = signal(false);

/** A unit by its layer, both from 0. */
interface Place {
  readonly layer: number;
  readonly unit: number;
}

/** What each unit follows, what convinces most first. */
export const claims = computed<readonly UnitClaim[]>(() => look.value?.claims ?? []);

/** What is worth showing: of each probe the best unit, as far as it convinces. */
export const findings = computed(() => {
  const seen = new Set<ProbeName>();
  return claims.value.filter(({ holds, probe }) => holds && !seen.has(probe) && seen.add(probe));
});

const claimOf = ({ layer, unit }: Place): UnitClaim | undefined =>
  claims.value.find((claim) => claim.layer === layer && claim.unit === unit);

// The unit that is shown does not change from look to look while it has something to show.
effect(() => {
  if (look.value === null) wanted.value = wantedProbe.value = null;
  const current = claimOf(chosen.peek());
  const [best] = claims.value;
  if (best && !(current?.holds && current.memory !== 0)) chosen.value = best;
});

/** Goes to the unit that convinces most. */
export function showBest(): void {
  wanted.value = wantedProbe.value = null;
  const [best] = claims.peek();
  if (best) chosen.value = best;
}

export const trace = computed(() => {
  const layers = look.value?.layers;
  return layers?.[Math.min((wanted.value ?? chosen.value).layer, layers.length - 1)];
});
export const layer = computed(() => trace.value?.layer ?? 0);
// Another model may have fewer units, or none of this kind of value.
export const unit = computed(() =>
  Math.min((wanted.value ?? chosen.value).unit, (trace.value?.hidden ?? 1) - 1),
);
/** What the unit that is shown follows. */
export const claim = computed(() => claimOf({ layer: layer.value, unit: unit.value }));
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
  pick({ layer: value, unit: unit.peek() });
}
export function pickUnit(value: number): void {
  pick({ layer: layer.peek(), unit: value });
}
export function pick({ layer, unit }: Place): void {
  wanted.value = { layer, unit };
}
export function pickProbe(value: ProbeName): void {
  wantedProbe.value = value;
}
export function pickChannel(value: string): void {
  wantedChannel.value = value;
}
export function pickPosition(value: number): void {
  wantedPosition.value = value;
}

/** All values of the layer, [time, hidden]. */
export const layerValues = computed(() => channel.value.values);

export const values = computed(() =>
  unitColumn(layerValues.value, trace.value?.hidden ?? 1, unit.value),
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

/** What a unit can be told by in this text. */
export const probes = computed(() => probesOf(look.value?.text ?? ''));
/** What the finder goes by: the probe that was picked, or what the unit that is shown follows. */
export const probe = computed<ProbeName | undefined>(
  () =>
    [wantedProbe.value, claim.value?.probe, probes.value[0]].find(
      (name) => name && probes.value.includes(name),
    ) ?? undefined,
);
export const probeValues = computed(() =>
  probe.value ? PROBES[probe.value](look.value?.text ?? '') : new Float32Array(),
);
export const matches = computed(() =>
  probe.value ? findUnits(look.value?.layers ?? [], probeValues.value) : [],
);
/** The units of the layer, what follows something first; as they are, where the text has no probe. */
export const order = computed(() => {
  if (claims.value.length === 0)
    return Array.from({ length: trace.value?.hidden ?? 0 }, (_, j) => j);
  return claims.value.filter((claim) => claim.layer === layer.value).map(({ unit }) => unit);
});
export const saturation = computed(() => (trace.value ? gateSaturation(trace.value) : {}));
