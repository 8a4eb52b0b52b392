import { nats, percent } from '../shared/format';
import { Lattice, PenStrip, SoundStrip } from './lattice';
import { LESSONS } from './lesson_facts';
import type { Alignment, Reading } from './protocol';
import { example, given, lesson, picture, pictured } from './store';

const nameOf = (row: string): string => (row === '' ? 'blank' : row);

/** The labels over the frames, the blank below them. */
function Posterior({ reading }: { reading: Reading }) {
  const { time, labels, probabilities, greedy } = reading;
  const rows = [...labels.slice(1), ''];
  const classOf = (row: number): number => (row === rows.length - 1 ? 0 : row + 1);
  return (
    <Lattice
      data={{
        ...{ time, rows },
        value: (t, r) => probabilities[t * labels.length + classOf(r)],
      }}
      label={
        `The probability of each label in ${time} frames: read as ${greedy.text || 'nothing'}, ` +
        `with blank in ${percent(blankShare(reading))} of the frames`
      }
    />
  );
}

/** The share of frames in which the blank is the likeliest. */
export function blankShare({ time, labels, probabilities }: Reading): number {
  let blanks = 0;
  for (let t = 0; t < time; t++) {
    const frame = probabilities.subarray(t * labels.length, (t + 1) * labels.length);
    if (frame.every((value) => value <= frame[0])) blanks++;
  }
  return blanks / time;
}

/** What the network was given, under the frames that it is in. */
function Strip({ reading: { frames, time } }: { reading: Reading }) {
  const Shown = lesson.value === 'voice' ? SoundStrip : PenStrip;
  return <Shown frames={frames} time={time} />;
}

function Alignments({ time, alignment }: { time: number; alignment: Alignment }) {
  const { text, states, posterior, path, loss } = alignment;
  return (
    <Lattice
      data={{
        ...{ time, rows: states, path },
        value: (t, r) => posterior[t * states.length + r],
      }}
      label={
        `The alignments of ${text}: a loss of ${nats(loss)} nats; the likeliest goes through ` +
        states
          .map((state, s) => ({ state, frames: path.filter((row) => row === s).length }))
          .filter(({ frames }) => frames > 0)
          .map(({ state, frames }) => `${nameOf(state)} for ${frames}`)
          .join(', ')
      }
    />
  );
}

/** What the network gives in each frame, and how the text may lie in them. */
export function Pictures() {
  const reading = picture.value;
  const { example: text } = LESSONS[lesson.value];
  const spoken = lesson.value === 'voice';
  const told = reading?.alignment?.text;
  return (
    <section class="panel pictures" aria-labelledby="pictures-title">
      <h2 id="pictures-title">Inside: frame by frame</h2>
      <div class="choices" role="radiogroup" aria-label="The pictures are of">
        <label>
          <input
            type="radio"
            name="pictured"
            checked={pictured.value === 'example'}
            disabled={example.value === null}
            onChange={() => (pictured.value = 'example')}
          />
          the example, <b>{text}</b>
        </label>
        <label>
          <input
            type="radio"
            name="pictured"
            checked={pictured.value === 'own'}
            disabled={given.value === null}
            onChange={() => (pictured.value = 'own')}
          />
          {spoken ? 'what was heard' : 'what is in the box'}
        </label>
      </div>
      {reading ? (
        <>
          <h3>What the network says in each frame</h3>
          <Posterior reading={reading} />
          <Strip reading={reading} />
          <p class="note">
            Time goes to the right: {reading.time} frames,{' '}
            {spoken ? 'each 30 ms of sound' : 'two short moves of the pen in each'}. The network
            gives each frame a probability for every label, and for <b>blank</b>, no label here.
            Once it has learnt, it says blank almost everywhere, and each label in one spike; here
            blank is the likeliest in {percent(blankShare(reading))} of the frames.
          </p>
          {reading.alignment && told !== undefined ? (
            <>
              <h3>
                The alignments of <span class="read">{told}</span>
              </h3>
              <Alignments time={reading.time} alignment={reading.alignment} />
              <Strip reading={reading} />
              <p class="note">
                From the top left to the bottom right: every way to spell {[...told].join(', ')},
                each label for one frame or more, with blanks between where the network likes, and
                always between equal neighbours. Nobody said which frame is which label: all these
                ways together have a probability of {percent(Math.exp(-reading.alignment.loss))},
                and the loss is minus its logarithm, {nats(reading.alignment.loss)} nats. The shade
                is the share of them that goes through there, the line is the likeliest.
              </p>
            </>
          ) : (
            <p class="note">Nothing is read here yet, so that there is nothing to line up.</p>
          )}
        </>
      ) : (
        <p class="hint">
          {spoken
            ? 'The pictures come once a network has learnt.'
            : 'The pictures come with the network.'}
        </p>
      )}
    </section>
  );
}
