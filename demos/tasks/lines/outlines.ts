/** A font as what it draws: plain numbers, so that a trained model can keep one to write with. */
export interface Outlines {
  readonly name: string;
  /** By character. */
  readonly glyphs: Readonly<Record<string, GlyphOutline>>;
}

/** Lengths are in the distance from the top of H, or h, down to the bottom of p. */
export interface GlyphOutline {
  /** From where this character begins to where the next one does. */
  readonly advance: number;
  /** Closed polygons, x1 y1 x2 y2 and so on, y downwards from the line; filled by the non-zero rule. */
  readonly contours: readonly (readonly number[])[];
}

/** Outlines in any unit, y downwards, brought to the one of `GlyphOutline`. */
export function inLineHeights({ name, glyphs }: Outlines): Outlines {
  const heights = (character: string): number[] =>
    glyphs[character].contours.flatMap((contour) => contour.filter((_, i) => i % 2 === 1));
  const unit = Math.max(...heights('p')) - Math.min(...heights('h'));
  // A thousandth of a line is far less than a pixel.
  const scaled = (value: number): number => Math.round((1000 * value) / unit) / 1000 + 0; // no -0
  const entries = Object.entries(glyphs).map(([character, { advance, contours }]) => [
    character,
    { advance: scaled(advance), contours: contours.map((contour) => contour.map(scaled)) },
  ]);
  return { name, glyphs: Object.fromEntries(entries) as Outlines['glyphs'] };
}
