/** The worker of ctc_reader.ts. A language model is made here: functions cannot be sent. */
import { ctcBeamSearch } from 'lethe/ctc';
import type { CtcFrames, CtcHypothesis } from 'lethe/ctc';

export interface Question {
  id: number;
  frames: CtcFrames;
}
export interface Answer {
  id: number;
  found?: CtcHypothesis[];
  error?: string;
}

addEventListener('message', ({ data: { id, frames } }: MessageEvent<Question>) => {
  const answer: Answer = { id };
  try {
    answer.found = ctcBeamSearch(frames, { width: 50, nBest: 3 });
  } catch (error) {
    answer.error = String(error);
  }
  postMessage(answer);
});
