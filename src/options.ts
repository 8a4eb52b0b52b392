import { ArgumentError } from './errors';

/**
 * The names of an options object. As a type of a constant it makes the compiler hold the list to the
 * interface: one that lacks a key, or has one too many, does not compile. The options that are true or
 * false are marked as `'boolean'`.
 */
export type OptionNames<T> = {
  readonly [K in keyof T]-?: [NonNullable<T[K]>] extends [boolean] ? 'boolean' : true;
};

/** Divides an options object: those that `names` has, and the others. */
export function divideOptions<Own extends object, Other extends object>(
  options: Own & Other,
  names: OptionNames<Own>,
): [own: Own, others: Other] {
  const entries = Object.entries(options);
  const part = (own: boolean): object =>
    Object.fromEntries(entries.filter(([name]) => Object.hasOwn(names, name) === own));
  return [part(true) as Own, part(false) as Other];
}

/** What other frameworks and habits call an option; the names here are without case and underscores. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  activation: ['nonlinearity'],
  axes: ['dim'],
  axis: ['dim'],
  batchsize: ['batch'],
  beta1: ['betas'],
  beta2: ['betas'],
  bos: ['begin'],
  clipnorm: ['maxNorm', 'clip'],
  cores: ['threads'],
  decay: ['weightDecay', 'gamma'],
  delimiter: ['separator'],
  eos: ['end'],
  epochs: ['steps'],
  epsilon: ['eps'],
  finish: ['end'],
  from: ['start'],
  gradclip: ['clip', 'maxNorm'],
  initializer: ['recurrentInit'],
  l2: ['weightDecay'],
  learningrate: ['lr'],
  maxgradnorm: ['maxNorm', 'clip'],
  maxlength: ['length'],
  maxtokens: ['length'],
  p: ['dropout'],
  prefix: ['prime'],
  prompt: ['prime'],
  rate: ['lr', 'dropout'],
  rho: ['alpha'],
  rng: ['random', 'generator'],
  seed: ['random', 'generator'],
  sequencelength: ['seq'],
  seqlen: ['seq'],
  stop: ['end'],
  stride: ['step'],
  timemajor: ['batchFirst'],
  timesteps: ['seq'],
  to: ['end'],
  type: ['dtype'],
  units: ['hidden'],
  unitforgetbias: ['forgetBias'],
  validationsplit: ['validFraction'],
  workers: ['threads'],
};

/**
 * Refuses options that the owner does not take, as a misspelt one would be ignored in silence, and
 * what is neither true nor false where `names` has 'boolean'.
 *
 * @param owner the function or class, for the message.
 * @param names an object whose keys they are; see `OptionNames`.
 * @throws ArgumentError naming the first such option, the nearest that there is, and all of them; and
 *   for anything but an object.
 */
export function checkOptions(owner: string, options: object, names: object): void {
  checkNames(owner, options, names, nearestName);
}

/** One of `names` that `name` begins with, or that begins with it. */
const beginsAlike: typeof nearestName = (name, names) =>
  names.find((other) => other.startsWith(name) || name.startsWith(other));

/** The same with a simple guess by itself: a page that checks nothing else loads no table of what others call things. */
export function checkNames(
  owner: string,
  options: object,
  names: object,
  nearest = beginsAlike,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ArgumentError(
      `${owner}: options = ${describeValue(options)}; an object is needed, with ${listed(names)}`,
    );
  }
  for (const name in options) {
    if (Object.hasOwn(names, name)) {
      const value: unknown = options[name as never];
      const flag = (names as Readonly<Record<string, unknown>>)[name] === 'boolean';
      if (!flag || value === undefined || typeof value === 'boolean') continue;
      throw new ArgumentError(
        `${owner}: ${name} = ${describeValue(value)}; true or false is needed`,
      );
    }
    const meant = nearest(name, Object.keys(names));
    const hint = meant === undefined ? '; it takes' : `; did you mean ${meant}? It takes`;
    throw new ArgumentError(`${owner}: unknown option ${name}${hint} ${listed(names)}`);
  }
}

function listed(names: object): string {
  return Object.keys(names).join(', ');
}

/**
 * The one of `names` that was most likely meant by `name`: the same but for case and underscores, what
 * others call it, one that contains the other, begins like it, or is a few letters away; undefined
 * where none is near.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const wanted = plain(name);
  const same = names.find((other) => plain(other) === wanted);
  if (same !== undefined) return same;
  const aliases = Object.hasOwn(ALIASES, wanted) ? ALIASES[wanted] : [];
  const alias = aliases.find((other) => names.includes(other));
  if (alias !== undefined) return alias;
  let best: { name: string; distance: number } | undefined;
  for (const candidate of names) {
    const other = plain(candidate);
    const [short, long] = other.length < wanted.length ? [other, wanted] : [wanted, other];
    const contained = short.length >= 3 && long.includes(short);
    const distance = editDistance(wanted, other);
    const stem = commonStart(wanted, other);
    const near =
      contained ||
      (stem >= 4 && stem >= short.length / 2) ||
      distance <= Math.max(1, Math.floor(wanted.length / 3));
    if (near && short.length > 1 && !(best && best.distance <= distance)) {
      best = { name: candidate, distance };
    }
  }
  return best?.name;
}

function plain(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase();
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Letters to insert, delete or exchange (Levenshtein, 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const change = row[j] + Number(a[i] !== b[j]);
      next.push(Math.min(change, row[j + 1] + 1, next[j] + 1));
    }
    row = next;
  }
  return row[b.length];
}

/** Whether `for of` goes through it, strings aside. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** Whether `for await` goes through it, as through a stream. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Strings that without quotes read as other values, beside numbers. */
const LOOKS_OTHERWISE = /^(true|false|null|undefined|NaN)$/;

/** What was given in place of an argument, for a message: plain values as they are, others by kind. */
export function describeValue(value: unknown): string {
  if (value instanceof Promise) return 'a promise (await it)';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'function') return `the function ${value.name || 'without a name'}`;
  if (typeof value === 'string') {
    if (value === '') return 'an empty string';
    return LOOKS_OTHERWISE.test(value) || !Number.isNaN(Number(value))
      ? JSON.stringify(value.slice(0, 40))
      : value.slice(0, 40);
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const { name } = value.constructor ?? Object;
  return name === 'Object' ? 'a plain object' : `an object of ${name}`;
}
