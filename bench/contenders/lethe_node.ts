import { useRelaxedSimd } from '../../src/cli/relaxed_simd';
import { answerLines } from '../answer.mjs';
import { begin, turn } from './lethe_page';

// As the command line does.
useRelaxedSimd();
await answerLines(() => Promise.resolve({ begin, turn }));
