import { isLearntForm, noSuchDay, strangeYear } from '../../tasks/dates/forms';
import { FIRST_YEAR, FORMATS, LAST_YEAR } from '../../tasks/dates/generate';
import { AskText } from '../ask_text';
import type { PairReply } from '../lessons/pairs';
import { stateShape } from '../switches';
import type { Topic } from '../topic';
import { pairPicture, pairTopic } from './pairs';

export const dates: Topic<string, PairReply> = {
  ...pairTopic('', 'character'),
  name: 'dates',
  title: 'Dates to ISO',
  question:
    'A date, however it is written, is to become year, month and day in digits. It learnt the years 1950 to 2049, and nothing but dates.',
  lecture:
    'One state of 64 numbers has to hold the whole date, unless attention lets each output look back. ' +
    'With it, the year is read from where the year stands, wherever that is: the dark cells of the matrix ' +
    'go where the characters come from. Train it without, and compare the curves.',
  metric: 'dates right',
  inputs: ['3rd of May 1987', '12/25/1999', 'Friday, 7 November 2014', '2020-02-13'],
  own: 'pairs: columns source and target',
  unlike(input) {
    const text = input.trim().toLowerCase();
    if (text === '') return null;
    if (!/\d/.test(text)) {
      return 'There is no digit here, so this is no date. The network has seen nothing but dates, and makes one of anything.';
    }
    if (!isLearntForm(text)) {
      return `It learnt dates that are written in ${FORMATS.length} ways, slashes with the month first, points with the day, and this is none of them: what it answers is a guess.`;
    }
    const none = noSuchDay(text);
    if (none) {
      return `There is no such day: that month has ${none.days} days in ${none.year}. What the network answers is a guess.`;
    }
    const year = strangeYear(text);
    return year === undefined
      ? null
      : `It learnt the years ${FIRST_YEAR} to ${LAST_YEAR}, and ${year} is none of them: what it answers is a guess.`;
  },
  Ask: ({ input, give }) => <AskText label="A date" input={input} give={give} />,
  picture: (input, reply, switches) =>
    pairPicture([...input.trim().toLowerCase()], reply, switches),
  shapes: (switches) => ({
    input: 'x_t: [batch, 32], a character as a vector',
    state: `${stateShape(switches, 64)}; the decoder’s [batch, 64]`,
    output: 'logits: [batch, 14], a number for each digit, the dash and the end',
  }),
};
