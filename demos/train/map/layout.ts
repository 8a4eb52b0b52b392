type Place = [x: number, y: number];

/**
 * Places turned about their mean until they are the most spread from left to right, and mirrored so that
 * the first lies left and below: a map that is laid out again looks much as before.
 */
export function upright(places: readonly (readonly number[])[]): Place[] {
  const count = Math.max(places.length, 1);
  const mean = (k: number): number => places.reduce((sum, place) => sum + place[k], 0) / count;
  const [mx, my] = [mean(0), mean(1)];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of places) {
    xx += (x - mx) ** 2;
    xy += (x - mx) * (y - my);
    yy += (y - my) ** 2;
  }
  // The first axis of the covariance.
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const turned = places.map(([x, y]): Place => [
    cos * (x - mx) + sin * (y - my),
    cos * (y - my) - sin * (x - mx),
  ]);
  const [sx, sy] = (turned[0] ?? [0, 0]).map((value) => (value > 0 ? -1 : 1));
  return turned.map(([x, y]) => [sx * x, sy * y]);
}

/** The mean size of the difference of two models, in nats per character. */
export function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / Math.max(a.length, 1);
}
