/** Whether a character is another one in lower case. */
export const isCapital = (character: string): boolean => character !== character.toLowerCase();

/** The characters of a text in lower case, as many as it has. */
export const lowered = (text: string): string[] =>
  Array.from(text, (character) => {
    const small = character.toLowerCase();
    // Some capitals become two characters in lower case.
    return small.length === character.length ? small : character;
  });

/** Characters with a capital where one is wanted. */
export const raised = (characters: readonly string[], wanted: readonly boolean[]): string =>
  characters.map((character, i) => (wanted[i] ? character.toUpperCase() : character)).join('');
