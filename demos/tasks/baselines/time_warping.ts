/**
 * The mean distance of frames along the best alignment of two sequences, whose paces may differ.
 *
 * Source: Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word recognition", 1978.
 *
 * @param a, b [time, features]
 */
export function warpedDistance(a: Float32Array, b: Float32Array, features: number): number {
  const [n, m] = [a.length / features, b.length / features];
  let row = new Float64Array(m + 1).fill(Infinity);
  row[0] = 0;
  for (let i = 0; i < n; i++) {
    const next = new Float64Array(m + 1).fill(Infinity);
    for (let j = 0; j < m; j++) {
      let squares = 0;
      for (let f = 0; f < features; f++) {
        squares += (a[i * features + f] - b[j * features + f]) ** 2;
      }
      next[j + 1] = Math.sqrt(squares) + Math.min(row[j], row[j + 1], next[j]);
    }
    row = next;
  }
  return row[m] / (n + m);
}

/** The label of the template that is the nearest by `warpedDistance`; of equally near ones the first. */
export function nearestWarped(
  templates: readonly { readonly frames: Float32Array; readonly label: number }[],
  features: number,
): (piece: Float32Array) => number {
  return (piece) => {
    let [least, found] = [Infinity, 0];
    for (const { frames, label } of templates) {
      const distance = warpedDistance(piece, frames, features);
      if (distance < least) [least, found] = [distance, label];
    }
    return found;
  };
}
