/** @param {readonly number[]} values */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * What a busy machine delays less than half of the time.
 *
 * @param {readonly number[]} values
 */
export function lowerQuartile(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 2];
}

/**
 * Median, least and greatest; nothing of an empty list.
 *
 * @param {readonly number[]} values
 */
export function summarise(values) {
  if (values.length === 0) return null;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
