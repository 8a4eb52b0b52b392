/**
 * Places for labels of one height, in the order of `wanted`, which ascends: as near to where they are
 * wanted as the others and the bounds allow. Where there is no room for all, they overlap at the bottom.
 *
 * @param bounds of the middles of the labels.
 */
export function spread(
  wanted: readonly number[],
  { top, bottom, height }: { top: number; bottom: number; height: number },
): number[] {
  const places: number[] = [];
  for (const y of wanted) places.push(Math.max(y, (places.at(-1) ?? top - height) + height));
  // Back up from the bottom.
  let limit = bottom;
  for (let i = places.length - 1; i >= 0 && places[i] > limit; i--) {
    places[i] = Math.max(limit, top);
    limit = places[i] - height;
  }
  return places;
}
