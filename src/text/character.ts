const NAMES: Readonly<Record<string, string>> = {
  ' ': 'space',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** U+00E9 */
export function codePointName(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * A character as it can be seen in a line: itself, or `\n`, `\r`, `\t` and `space`, or by its number, such as
 * U+200D, where it prints as nothing or joins its neighbours.
 *
 * @param character One code point.
 */
export function visibleCharacter(character: string): string {
  if (!/[\p{C}\p{Z}\p{M}]/u.test(character)) return character;
  return NAMES[character] ?? codePointName(character.codePointAt(0)!);
}

/** True for a letter, a digit or an underscore: what words are made of. */
export function isWordCharacter(character: string): boolean {
  return /[\p{L}\p{N}_]/u.test(character);
}
