const SHADES = [...' .:+#'];

/** How to read what `alignmentText` gives. */
export const ALIGNMENT_LEGEND =
  'rows are written, columns read: # has most of the attention, then + : . and none';

/**
 * Attention as text: a line for each token of the target, a column for each of the source, darker where
 * the decoder looked more.
 *
 * @param weights of each token of the target, a number from 0 to 1 for each of the source.
 */
export function alignmentText(
  source: readonly string[],
  target: readonly string[],
  weights: readonly ArrayLike<number>[],
): string {
  const wide = Math.max(...source.map((token) => token.length)) > 3;
  const label = Math.max(...target.map((token) => token.length)) + 2;
  // Long tokens are numbered, and written out below.
  const heads = wide ? source.map((_, i) => String(i + 1)) : source;
  const width = Math.max(...heads.map((head) => head.length)) + 1;
  const line = (name: string, cells: readonly string[]): string =>
    (name.padEnd(label) + cells.map((cell) => cell.padEnd(width)).join('')).trimEnd();
  const rows = target.map((token, t) =>
    line(
      token,
      source.map((_, s) => {
        const shade =
          SHADES[Math.min(SHADES.length - 1, Math.floor(weights[t][s] * SHADES.length))];
        return shade.repeat(width - 1);
      }),
    ),
  );
  const legend = wide ? ['', source.map((token, i) => `${i + 1} ${token}`).join('  ')] : [];
  return [line('', heads), ...rows, ...legend].join('\n');
}
