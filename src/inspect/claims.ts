import { ShapeError } from '../errors';
import { centre, correlationOf, unitColumn } from './correlation';
import type { Centred } from './correlation';
import { memoryOf } from './find';
import { PROBES } from './probes';
import type { ProbeName } from './probes';
import type { LayerTrace } from './trace';

/** What a unit follows, found on one half of a text and checked on the other. */
export interface UnitClaim {
  /** From 0, the lowest. */
  readonly layer: number;
  /** Of its layer, from 0. */
  readonly unit: number;
  /** What it follows. */
  readonly probe: ProbeName;
  /** Pearson's, from -1 to 1, on the second half of the text. */
  readonly correlation: number;
  /**
   * What is left of it, from -1 to 1, when the mean of each character is taken off both: the partial
   * correlation given the character just read. 0 for a probe that this character tells by itself.
   */
  readonly memory: number;
  /** Whether it may be said: see {@link CONVINCING}. */
  readonly holds: boolean;
}

/** A claim holds where both halves of the text give a correlation of this size and of the same sign. */
export const CONVINCING = 0.5;
/** Where the probe asks for memory, its correlation beyond the character just read is to be this. */
export const CONVINCING_MEMORY = 0.4;

/** What there must be of a probe in each half: characters above and below its mean, and times it rises. */
const MIN_CHARACTERS = 10;
const MIN_RISES = 3;

/**
 * The probes that can be told apart in a text: enough characters where each is on and off in both
 * halves, in several places, and none that is the same as one before it.
 */
export function probesOf(text: string): ProbeName[] {
  return measuredProbes(text).map(({ name }) => name);
}

/**
 * What each unit follows best, of all probes that occur in the text: sought in the first half, and
 * checked in the second. The claims that hold come first, those that take memory before those about the
 * character just read; then what does not convince. Among equals the strongest correlation is first.
 *
 * With many units and probes some correlation is always high by chance. That is what the second half is
 * for: it has no part in the choice.
 *
 * @param traces of all layers, on `text`.
 * @returns one for each unit; none where no probe occurs in the text.
 * @throws ShapeError unless the text is as long as the traces.
 */
export function claimUnits(traces: readonly LayerTrace[], text: string): UnitClaim[] {
  const characters = Array.from(text);
  for (const { time } of traces) {
    if (characters.length === time) continue;
    throw new ShapeError(
      `claimUnits: text has ${characters.length} characters, the trace ${time}; the text that was ` +
        'traced is needed',
    );
  }
  const probes = measuredProbes(text);
  if (probes.length === 0) return [];
  const halves = halvesOf(characters);
  const claims = traces.flatMap((trace) => {
    const memory = memoryOf(trace);
    return Array.from({ length: trace.hidden }, (_, unit) => {
      const measured = measure(unitColumn(memory, trace.hidden, unit), halves);
      return { layer: trace.layer, unit, ...claimOf(probes, measured) };
    });
  });
  return claims.sort(
    (a, b) =>
      Number(b.holds) - Number(a.holds) ||
      Number(b.holds && b.memory !== 0) - Number(a.holds && a.memory !== 0) ||
      Math.abs(b.correlation) - Math.abs(a.correlation),
  );
}

/** A part of the text, and the number of each of its characters. */
interface Half {
  readonly from: number;
  readonly to: number;
  readonly ids: readonly number[];
}

/** Values over half a text: with their mean taken off, and with that of each character. */
interface Measured {
  readonly plain: Centred;
  readonly beyond: Centred;
}

interface MeasuredProbe {
  readonly name: ProbeName;
  /** True where the character just read does not tell it. */
  readonly remembered: boolean;
  readonly halves: readonly Measured[];
}

function halvesOf(characters: readonly string[]): Half[] {
  const middle = characters.length >> 1;
  return [
    { from: 0, to: middle, ids: numbered(characters.slice(0, middle)) },
    { from: middle, to: characters.length, ids: numbered(characters.slice(middle)) },
  ];
}

/** A number for each character, from 0 on in the order in which they first come. */
function numbered(characters: readonly string[]): number[] {
  const numbers = new Map<string, number>();
  return characters.map((character) => {
    if (!numbers.has(character)) numbers.set(character, numbers.size);
    return numbers.get(character)!;
  });
}

function measure(values: Float32Array, halves: readonly Half[]): Measured[] {
  return halves.map(({ from, to, ids }) => {
    const part = values.subarray(from, to);
    return { plain: centre(part), beyond: centre(part, ids) };
  });
}

function measuredProbes(text: string): MeasuredProbe[] {
  const halves = halvesOf(Array.from(text));
  const seen: Float32Array[] = [];
  const found: MeasuredProbe[] = [];
  for (const [name, probe] of Object.entries(PROBES)) {
    const values = probe(text);
    const again = seen.some((other) => other.every((value, t) => value === values[t]));
    if (again || !halves.every((half) => occurs(values, half))) continue;
    seen.push(values);
    const measured = measure(values, halves);
    const remembered = measured.some(({ beyond }) => beyond.squares > 0);
    found.push({ name: name as ProbeName, remembered, halves: measured });
  }
  return found;
}

function occurs(values: Float32Array, { from, to }: Half): boolean {
  const part = values.subarray(from, to);
  const mean = part.reduce((sum, value) => sum + value, 0) / part.length;
  let [above, rises] = [0, 0];
  for (let t = 0; t < part.length; t++) {
    if (part[t] <= mean) continue;
    above++;
    if (t > 0 && part[t - 1] <= mean) rises++;
  }
  return Math.min(above, part.length - above) >= MIN_CHARACTERS && rises >= MIN_RISES;
}

/** The probe that the unit follows best in the first half, and how well it does in the second. */
function claimOf(
  probes: readonly MeasuredProbe[],
  unit: readonly Measured[],
): Omit<UnitClaim, 'layer' | 'unit'> {
  const all = probes.map(({ name, remembered, halves }) => {
    const plain = halves.map((half, i) => correlationOf(unit[i].plain, half.plain));
    const beyond = halves.map((half, i) => correlationOf(unit[i].beyond, half.beyond));
    return { name, remembered, plain, beyond };
  });
  // What takes memory goes before what the character just read tells.
  const byMemory = strongest(all, ({ plain, beyond }) =>
    Math.abs(plain[0]) >= CONVINCING ? beyond[0] : 0,
  );
  const remembers =
    Math.abs(byMemory.plain[0]) >= CONVINCING && Math.abs(byMemory.beyond[0]) >= CONVINCING_MEMORY;
  const best = remembers ? byMemory : strongest(all, ({ plain }) => plain[0]);
  const { name, remembered, plain, beyond } = best;
  return {
    probe: name,
    correlation: plain[1],
    memory: beyond[1],
    holds: agree(plain, CONVINCING) && (!remembered || agree(beyond, CONVINCING_MEMORY)),
  };
}

function strongest<T>(all: readonly T[], strength: (one: T) => number): T {
  return all.reduce((best, one) =>
    Math.abs(strength(one)) > Math.abs(strength(best)) ? one : best,
  );
}

/** Whether both halves give a correlation of at least this size and of the same sign. */
function agree([first, second]: readonly number[], least: number): boolean {
  return Math.min(first, second) >= least || Math.max(first, second) <= -least;
}
