const NATS_PER_BIT = Math.LN2;

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** What stands where there is no figure yet. */
export const NONE = '–';

/** 12,345. */
export function grouped(value: number): string {
  return whole.format(value);
}

/** `1 line`, `2 lines`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${grouped(value)} ${value === 1 ? one : many}`;
}

/** A figure; null is one that was not finite when it went through JSON. */
type Figure = number | null;

const isFinite = (value: Figure): value is number => Number.isFinite(value);

/** A loss in nats, with three places; of a run that diverged, its order of magnitude. */
export function nats(loss: Figure): string {
  if (!isFinite(loss)) return NONE;
  return Math.abs(loss) < 1e4 ? loss.toFixed(3) : loss.toExponential(1);
}

/** A loss in nats, told in bits per character. */
export function bits(loss: Figure): string {
  if (!isFinite(loss)) return NONE;
  const inBits = loss / NATS_PER_BIT;
  return Math.abs(inBits) < 1e4 ? inBits.toFixed(2) : inBits.toExponential(1);
}

/** Three significant digits, so that a figure that changes ten times a second can be read. */
export function roughly(value: Figure): string {
  if (!isFinite(value)) return NONE;
  return grouped(value === 0 ? 0 : Number(value.toPrecision(3)));
}

/** Three digits that count: `0.00125`, `12.3`; `–` for no number. */
export function significant(value: Figure): string {
  return isFinite(value) ? String(Number(value.toPrecision(3))) : NONE;
}

/** A probability or share: `83 %`, `0.4 %`, `< 0.1 %`. */
export function percent(p: number): string {
  if (p > 0 && p < 0.001) return '< 0.1 %';
  return `${(100 * p).toFixed(p < 0.1 ? 1 : 0)} %`;
}

/** A character as it is drawn by itself. */
export function signOf(character: string): string {
  if (character === '\n') return '↵';
  return character === ' ' ? '␣' : character;
}

/** `12.3 MB`; below 1 MB in kB. */
export function megabytes(bytes: number): string {
  if (bytes < 1e6) return `${grouped(bytes / 1e3)} kB`;
  return bytes < 1e8 ? `${Number((bytes / 1e6).toFixed(1))} MB` : `${grouped(bytes / 1e6)} MB`;
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${grouped(Math.floor(s / 3600))} h ${Math.floor((s % 3600) / 60)} min`;
}
