import { ArgumentError } from '../errors';
import { describeValue } from '../options';

/** A token that no text holds: padding, an unknown token, the begin and the end of a sequence. */
export type Special = 'pad' | 'unk' | 'bos' | 'eos';

const SPECIALS: readonly Special[] = ['pad', 'unk', 'bos', 'eos'];

/** Their ids: they come before all tokens, in the order in which they were asked for. */
export class SpecialIds {
  constructor(
    readonly owner: string,
    readonly names: readonly Special[],
  ) {
    const problem = specialsProblem(names);
    if (problem !== undefined) throw new ArgumentError(`${owner}: specials: ${problem}`);
  }

  /** @throws ArgumentError when there is no such special. */
  id(name: Special): number {
    const id = this.names.indexOf(name);
    if (id >= 0) return id;
    throw new ArgumentError(
      `${this.owner}: it has no <${name}>; name '${name}' in the option specials when it is made`,
    );
  }

  /** What stands between the begin and the first end, without padding. */
  content(ids: ArrayLike<number>): number[] {
    const all = Array.from(ids);
    const end = this.names.includes('eos') ? all.indexOf(this.id('eos')) : -1;
    const hidden = this.names.map((name) => name !== 'unk');
    return (end < 0 ? all : all.slice(0, end)).filter((id) => !hidden[id]);
  }
}

/** What keeps a value from being a list of specials, if anything. */
export function specialsProblem(names: unknown): string | undefined {
  if (!Array.isArray(names)) return `${describeValue(names)} is no list`;
  for (const [i, name] of names.entries()) {
    if (!SPECIALS.includes(name as Special)) {
      return `${describeValue(name)} is none; choose of ${SPECIALS.join(', ')}`;
    }
    if (names.indexOf(name) < i) return `${describeValue(name)} stands there twice`;
  }
  return undefined;
}
