import { useId } from 'preact/hooks';

import program from '../../../docs/examples/read_frames.ts?raw';
import { wholePercent } from '../../learn/percent';
import type { FrameReply } from '../lessons/frames';
import { stateShape } from '../switches';
import type { Topic } from '../topic';

/** As the lesson draws them. */
const FRAMES = 32;

function Ask({ input, give }: { input: string; give: (input: string) => void }) {
  const id = useId();
  return (
    <div class="field ask">
      <label for={id}>A clip, by its number, a whole one from 0; each makes another</label>
      <input
        id={id}
        type="number"
        min="0"
        step="1"
        value={input}
        onInput={({ currentTarget }) => give(currentTarget.value)}
      />
    </div>
  );
}

export const frames: Topic<string, FrameReply> = {
  name: 'frames',
  title: 'Frames of a clip',
  shape: 'synchronous',
  question:
    'What does the moving shape do in each frame: absent, going left or right, bouncing off a side, hidden behind the wall, or coming out of it?',
  lecture:
    'No single frame tells. An empty picture is “absent” or “hidden”, and a shape stands still in its frame, whichever way ' +
    'it goes: the baseline, which sees frames one by one, is right in less than half of them. What the state carries from ' +
    'frame to frame is where the shape was. Read forward alone, the network cannot know a shape before it has moved once.',
  metric: 'frames right',
  format: wholePercent,
  inputs: ['7', '12', '20', '31'],
  written: { text: (input) => input, read: (text) => text },
  program,
  switches: ['cell', 'directions'],
  Ask,
  picture: (_input, reply, { directions }) => ({
    columns: reply
      ? reply.frames.map(({ pixels, label, truth, probability }) => ({
          input: '',
          pixels,
          output: label === truth ? label : `${label} ✗`,
          sure: probability,
        }))
      : Array.from({ length: FRAMES }, () => ({ input: '', output: '' })),
    recurrence: directions === 'both' ? 'both' : 'forward',
  }),
  shapes: (switches) => ({
    input: 'x_t: [batch, 64], made of the 256 pixels of a frame by a layer',
    state: stateShape(switches, 64),
    output: 'logits: [batch, 6] at every frame, a number for each label',
  }),
  Reply: ({ reply }) => {
    const wrong = reply.frames.filter(({ label, truth }) => label !== truth);
    return (
      <p class="note">
        {wrong.length === 0
          ? 'All labels are right: the clip is drawn by code, which knows what the shape did.'
          : `A cross stands beside what is wrong: ${wrong.length} of ${reply.frames.length}.`}
      </p>
    );
  },
  said: ({ frames: all }) =>
    all
      .map(({ label }) => label)
      .filter((label, t, labels) => label !== labels[t - 1])
      .join(', '),
};
