/** Reads CTC outputs in a worker, so that the page stays alive. */
import type { CtcFrames, CtcHypothesis } from 'lethe/ctc';
import type { Answer, Question } from './ctc_worker';

const worker = new Worker(new URL('./ctc_worker.ts', import.meta.url), { type: 'module' });
const waiting = new Map<number, (answer: Answer) => void>();
let questions = 0;

worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
  waiting.get(data.id)!(data);
  waiting.delete(data.id);
});

/** The three best readings of frames of [time, classes]. */
export function read(frames: CtcFrames): Promise<CtcHypothesis[]> {
  const question: Question = { id: questions++, frames };
  return new Promise((resolve, reject) => {
    waiting.set(question.id, ({ found, error }) => {
      if (found) resolve(found);
      else reject(new Error(error));
    });
    worker.postMessage(question);
  });
}
