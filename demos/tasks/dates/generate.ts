import type { Random } from 'lethe';

import type { Pair } from '../pairs/pairs';

const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july'],
  ...['august', 'september', 'october', 'november', 'december'],
];
export const WEEKDAYS: readonly string[] = [
  ...['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
];

const DAY_MS = 24 * 60 * 60 * 1000;

/** Years of two digits are of this hundred years: 49 is 2049, 50 is 1950. */
export const FIRST_YEAR = 1950;
export const LAST_YEAR = 2049;

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
}

const two = (n: number): string => String(n).padStart(2, '0');
const short = (year: number): string => two(year % 100);
const name = ({ month }: Parts): string => MONTHS[month - 1];
const abbreviated = (parts: Parts): string => name(parts).slice(0, 3);

function ordinal(day: number): string {
  const teens = day >= 11 && day <= 13;
  return day + (teens ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th'));
}

const iso = ({ year, month, day }: Parts): string => `${year}-${two(month)}-${two(day)}`;

/** In lower case. Slashes have the month first, points the day, so that no two dates are written alike. */
export const FORMATS: readonly ((parts: Parts) => string)[] = [
  (p) => `${ordinal(p.day)} of ${name(p)} ${p.year}`,
  (p) => `the ${ordinal(p.day)} of ${name(p)}, ${p.year}`,
  (p) => `${name(p)} ${p.day}, ${p.year}`,
  (p) => `${name(p)} ${ordinal(p.day)}, ${p.year}`,
  (p) => `${p.day} ${name(p)} ${p.year}`,
  (p) => `${p.day} ${abbreviated(p)} ${p.year}`,
  (p) => `${two(p.day)}-${abbreviated(p)}-${p.year}`,
  (p) => `${WEEKDAYS[p.weekday]}, ${p.day} ${name(p)} ${p.year}`,
  (p) => `${WEEKDAYS[p.weekday].slice(0, 3)} ${abbreviated(p)} ${p.day} ${p.year}`,
  (p) => `${two(p.month)}/${two(p.day)}/${p.year}`,
  (p) => `${p.month}/${p.day}/${short(p.year)}`,
  (p) => `${two(p.day)}.${two(p.month)}.${p.year}`,
  (p) => `${p.day}.${p.month}.${short(p.year)}`,
  (p) => `${p.year}${two(p.month)}${two(p.day)}`,
  (p) => `${abbreviated(p)} ${p.day} '${short(p.year)}`,
  (p) => `${p.year} ${name(p)} ${p.day}`,
  iso,
];

/** The date `offset` days after the first, in a format, and as ISO 8601 has it; character by character. */
export function datePair(offset: number, format: number): Pair {
  const date = new Date(Date.UTC(FIRST_YEAR, 0, 1) + offset * DAY_MS);
  const parts = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
  };
  return {
    source: [...FORMATS[format](parts)],
    target: [...iso(parts)],
  };
}

/** Days from the first year to the last. */
export const DAYS = (Date.UTC(LAST_YEAR + 1, 0, 1) - Date.UTC(FIRST_YEAR, 0, 1)) / DAY_MS;

/** Each of the days, by their offsets, in `formats` different formats drawn at random. */
export function datePairs(days: readonly number[], formats: number, random: Random): Pair[] {
  return days.flatMap((day) => {
    const left = Array.from(FORMATS.keys());
    return Array.from({ length: formats }, () => {
      const at = Math.floor(random.uniform() * left.length);
      return datePair(day, left.splice(at, 1)[0]);
    });
  });
}
