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

/** A loss in nats, with three places. */
export function nats(loss: number): string {
  return loss.toFixed(3);
}

/** A loss in nats, told in bits per character. */
export function bits(loss: number): string {
  return (loss / NATS_PER_BIT).toFixed(2);
}

/** Three significant digits, so that a figure that changes ten times a second can be read. */
export function roughly(value: number): string {
  return grouped(value === 0 ? 0 : Number(value.toPrecision(3)));
}
