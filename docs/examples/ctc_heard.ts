/** What was heard, and when: beam search gives the labels, alignment their frames. */
import { ctcAlign, ctcBeamSearch } from 'lethe/ctc';
import type { CtcFrames } from 'lethe/ctc';

/** @param seconds from a frame of the network's output to the next. */
export function heard(frames: CtcFrames, seconds: number) {
  const [best] = ctcBeamSearch(frames, { width: 50 });
  const { spans } = ctcAlign(frames, best.labels);
  return spans.map(({ label, start, end, posterior }) => {
    return { label, from: start * seconds, to: end * seconds, posterior };
  });
}
