/**
 * The class of the nearest example of the training data, by Euclidean distance; of equally near ones the
 * first: what memory alone can tell.
 *
 * Source: Cover and Hart, "Nearest neighbor pattern classification", 1967.
 */
export function nearestNeighbour(
  train: readonly { readonly pixels: Float32Array; readonly label: number }[],
): (pixels: Float32Array) => number {
  return (pixels) => {
    let nearest = Infinity;
    let found = -1;
    for (const example of train) {
      let distance = 0;
      for (let i = 0; i < pixels.length && distance < nearest; i++) {
        distance += (pixels[i] - example.pixels[i]) ** 2;
      }
      if (distance < nearest) [nearest, found] = [distance, example.label];
    }
    return found;
  };
}
