import { permutation } from '../../../src/data/epochs';
import { Random } from '../../../src/random';
import { inventedSurnames } from '../../tasks/names/generated';

const PER_LANGUAGE = 500;
const SEED = 1;

const byLanguage = inventedSurnames(PER_LANGUAGE, SEED);
// In random order, so that what is held out has all languages.
const order = permutation(byLanguage.length, new Random(SEED));

export const names = Array.from(order, (i) => `${byLanguage[i].name}\n`).join('');
