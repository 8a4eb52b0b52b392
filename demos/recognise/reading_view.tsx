import { percent } from '../shared/format';
import { LESSONS } from './lesson_facts';
import { given, lesson, loading, own, which } from './store';

const BEHIND = ['second', 'third'];

const nothing = <span class="hint">nothing</span>;

/** What was read in the box: the answer, and greedy and beam search side by side. */
export function ReadingView() {
  const reading = own.value.value;
  const problem = own.problem.value;
  const text = reading?.beam[0]?.text ?? '';
  const { what } = LESSONS[lesson.value];
  const written = given.value !== null;
  const empty =
    lesson.value === 'voice'
      ? 'Record your digits, train, and listen: they are read as you say them.'
      : `Write ${what} in the box: they are read as you write.`;
  return (
    <div class="reading">
      <p class="answer" data-figure="read" aria-live="polite">
        {written && text !== '' ? (
          text
        ) : (
          <span class="hint">
            {which.value === 'given' && loading.value !== null
              ? loading.value
              : written && reading
                ? 'The network reads nothing in it.'
                : empty}
          </span>
        )}
      </p>
      {problem && <p class="wrong">{problem.message}</p>}
      {written && reading && (
        <table>
          <thead>
            <tr>
              <th scope="col">Search</th>
              <th scope="col">Reads</th>
              <th scope="col">Probability</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Greedy, one path</th>
              <td class="read">{reading.greedy.text || nothing}</td>
              <td>
                <Share of={reading.greedy.probability} />
              </td>
            </tr>
            {reading.beam.map(({ text, probability }, i) => (
              <tr key={i}>
                <th scope="row">{i === 0 ? 'Beam, best' : BEHIND[i - 1]}</th>
                <td class="read">{text || nothing}</td>
                <td>
                  <Share of={probability} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Share({ of }: { of: number }) {
  return (
    <>
      <meter value={of} aria-hidden="true" /> {percent(of)}
    </>
  );
}
