/** What `hashText` begins with. */
export const NO_HASH = 0x811c9dc5;

/**
 * FNV-1a of the UTF-16 units of a text, 32 bits.
 *
 * @param hash that of the text before, where this goes on with it.
 */
export function hashText(text: string, hash = NO_HASH): number {
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
