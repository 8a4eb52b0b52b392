import { probesOf } from '../../../src/inspect/index';
import { macrotask } from '../../shared/macrotask';

/** Characters that are looked through, and stretches that are tried. */
const [MAX_SOUGHT_CHARACTERS, MAX_STRETCHES] = [200_000, 16];

/**
 * Where a stretch of `length` characters begins that has as many things as any to tell units by: quotes,
 * brackets and so on. Of equal ones the first; a stretch begins with a line, where there are any.
 */
export async function richestStretch(text: string, length: number): Promise<number> {
  const characters = Array.from(text.slice(0, MAX_SOUGHT_CHARACTERS));
  const last = characters.length - length;
  if (last <= 0) return 0;
  const apart = Math.max(length, Math.ceil(last / (MAX_STRETCHES - 1)));
  let best = { at: 0, count: 0 };
  for (let start = 0; start <= last; start += apart) {
    const lineEnd = start === 0 ? -1 : characters.indexOf('\n', start - 1);
    const at = lineEnd >= 0 && lineEnd + 1 <= last ? lineEnd + 1 : start;
    const count = probesOf(characters.slice(at, at + length).join('')).length;
    if (count > best.count) best = { at, count };
    await macrotask();
  }
  return best.at;
}
