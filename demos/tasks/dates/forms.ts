import { FORMATS, FIRST_YEAR, LAST_YEAR, WEEKDAYS } from './generate';

/** Days of the longest month. */
const LONGEST = 31;

/** The year, of four digits or of two. */
const YEAR = /(?<!\d)\d{4}(?!\d)|^\d{4}(?=\d{4}$)|(?<=[/.'])\d\d$/;

function weekdayClass(word: string): string {
  if (WEEKDAYS.includes(word)) return 'WEEKDAY';
  return WEEKDAYS.some((day) => day.slice(0, 3) === word) ? 'WKD' : word;
}

/** A date in lower case, for any weekday and any year, which is as many letters as it has digits: `WKD may 3 YYYY`. */
const ofAnyYear = (text: string): string =>
  text.replace(/[a-z]+/g, weekdayClass).replace(YEAR, (year) => 'Y'.repeat(year.length));

interface Day {
  readonly month: number;
  readonly day: number;
}

/** The 31 days that a month may have, as `FORMATS` write them; made when they are first asked for. */
let learnt: ReadonlyMap<string, Day> | null = null;

function learntForms(): ReadonlyMap<string, Day> {
  const days = Array.from({ length: 12 * LONGEST }, (_, i) => ({
    month: 1 + Math.floor(i / LONGEST),
    day: 1 + (i % LONGEST),
  }));
  return new Map(
    days.flatMap((day) =>
      FORMATS.map((format) => [ofAnyYear(format({ ...day, year: FIRST_YEAR, weekday: 0 })), day]),
    ),
  );
}

function learntDay(text: string): Day | undefined {
  learnt ??= learntForms();
  return learnt.get(ofAnyYear(text));
}

/** Whether a text, in lower case, is written like one of `FORMATS`. */
export const isLearntForm = (text: string): boolean => learntDay(text) !== undefined;

/** The year of a date; one of two digits is learnt as of `FIRST_YEAR` to `LAST_YEAR`. */
function yearOf(text: string): number {
  const [found] = YEAR.exec(text)!;
  const year = Number(found);
  if (found.length === 4) return year;
  return year + (year < FIRST_YEAR % 100 ? 2000 : 1900);
}

/** The days of its month, in its year, for a date of a learnt form with a day that there is not. */
export function noSuchDay(text: string): { year: number; days: number } | undefined {
  const found = learntDay(text);
  if (!found) return undefined;
  const year = yearOf(text);
  // Days come again after 400 years, and `Date` takes a year below 100 for one of the 20th century.
  const days = new Date(Date.UTC(year + 400, found.month, 0)).getUTCDate();
  return found.day > days ? { year, days } : undefined;
}

/** The year of a date of a learnt form, where it is none of those that are learnt. */
export function strangeYear(text: string): number | undefined {
  const year = yearOf(text);
  return year < FIRST_YEAR || year > LAST_YEAR ? year : undefined;
}
