import { answerLines } from '../answer.mjs';
import { begin, turn } from './lethe_page';

await answerLines(() => Promise.resolve({ begin, turn }));
