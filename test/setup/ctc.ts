/** Frames for tests of CTC, and all that can be read from them, path by path. */
import type { CtcFrames } from '../../src/ctc/index';

export function framesOf(rows: readonly (readonly number[])[]): CtcFrames {
  return { shape: [rows.length, rows[0]?.length ?? 1], data: rows.flat() };
}

/** Frames that are nearly certain of a path. */
export function oneHot(path: readonly number[], classes: number): CtcFrames {
  const data = path.flatMap((c) => Array.from({ length: classes }, (_, i) => (i === c ? 30 : 0)));
  return { shape: [path.length, classes], data };
}

/** Logits sin(1 + 2 t + 3 c). */
export function waves(time: number, classes: number): CtcFrames {
  const data = Float64Array.from({ length: time * classes }, (_, i) =>
    Math.sin(1 + 2 * Math.floor(i / classes) + 3 * (i % classes)),
  );
  return { shape: [time, classes], data };
}

export function collapse(path: readonly number[], blank: number): number[] {
  return path.filter((c, t) => c !== blank && c !== path[t - 1]);
}

/** Every path, with the ln of its probability. */
export function* paths({ shape, data }: CtcFrames): Generator<[path: number[], ln: number]> {
  const [time, classes] = shape;
  const log = Array.from({ length: time }, (_, t) => {
    const row = Array.from(data).slice(t * classes, (t + 1) * classes);
    const sum = Math.log(row.reduce((total, x) => total + Math.exp(x), 0));
    return row.map((x) => x - sum);
  });
  for (let i = 0; i < classes ** time; i++) {
    const path = log.map((_, t) => Math.floor(i / classes ** t) % classes);
    yield [path, path.reduce((sum, c, t) => sum + log[t][c], 0)];
  }
}

/** The ln of the probability of all labels that can be read, by the labels with spaces between. */
export function labellings(frames: CtcFrames, blank: number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [path, ln] of paths(frames)) {
    const key = collapse(path, blank).join(' ');
    sums.set(key, (sums.get(key) ?? 0) + Math.exp(ln));
  }
  return new Map([...sums].map(([key, sum]) => [key, Math.log(sum)]));
}
