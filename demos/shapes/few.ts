/** Figures on few examples, which a percentage would make look surer than they are. */
import { wholePercent } from '../learn/percent';

/** Examples below which they are counted. */
const FEW = 50;

export const isFew = (tested: number | undefined): tested is number =>
  tested !== undefined && tested < FEW;

/** A share of few examples: `6 of 6`. */
export const ofFew = (share: number, tested: number): string =>
  `${Math.round(share * tested)} of ${tested}`;

export const fewTold = (tested: number): string =>
  tested === 1
    ? 'One text to test on tells next to nothing.'
    : `So few to test on tell little: each of the ${tested} texts is ${wholePercent(1 / tested)} of the figure.`;
