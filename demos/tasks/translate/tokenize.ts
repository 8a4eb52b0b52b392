/** Words, and signs one by one, in lower case. Hyphens and apostrophes inside a word stay in it. */
export function tokenize(line: string): string[] {
  return line.toLowerCase().match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu) ?? [];
}
