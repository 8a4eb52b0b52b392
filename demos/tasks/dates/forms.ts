import { DAYS, FORMATS, datePair, FIRST_YEAR, LAST_YEAR, WEEKDAYS } from './generate';

/** The days of the last year but one, 2048: a leap year, so that every day of every month occurs. */
const LEAP = { first: DAYS - 365 - 366, days: 366 };

/** The year, of four digits or of two. */
const YEAR = /(?<!\d)\d{4}(?!\d)|^\d{4}(?=\d{4}$)|(?<=[/.'])\d\d$/;

function weekdayClass(word: string): string {
  if (WEEKDAYS.includes(word)) return 'weekday';
  return WEEKDAYS.some((day) => day.slice(0, 3) === word) ? 'wkd' : word;
}

/** A date for any weekday and any year, which is as many letters as it has digits: `wkd may 3 yyyy`. */
const ofAnyYear = (text: string): string =>
  text.replace(/[a-z]+/g, weekdayClass).replace(YEAR, (year) => 'y'.repeat(year.length));

/** The days of a year as `FORMATS` write them; made when it is first asked for. */
let learnt: ReadonlySet<string> | null = null;

function learntForms(): ReadonlySet<string> {
  const days = Array.from({ length: LEAP.days }, (_, day) => LEAP.first + day);
  return new Set(
    days.flatMap((day) =>
      Array.from(FORMATS.keys(), (format) => ofAnyYear(datePair(day, format).source.join(''))),
    ),
  );
}

/** Whether a text, in lower case, is a day that some year has, written like one of `FORMATS`. */
export function isLearntForm(text: string): boolean {
  learnt ??= learntForms();
  return learnt.has(ofAnyYear(text));
}

/** The year of four digits in a date, where it is none of those that are learnt. */
export function strangeYear(text: string): number | undefined {
  const found = YEAR.exec(text)?.[0] ?? '';
  const year = Number(found);
  return found.length === 4 && (year < FIRST_YEAR || year > LAST_YEAR) ? year : undefined;
}
