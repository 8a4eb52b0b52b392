import { another, labelOf, sequence, sides, topic } from './state';
import { TOLERANCE } from './toys/toy';

/** A sequence step by step, what is right, and what each of the three says. */
export function Shown() {
  const { inputs, targets } = sequence.value;
  const { read, say, toy } = topic.value;
  const asked = targets.map((target) => target !== null);
  const right = (said: number, target: number): boolean =>
    toy.answer === 'number' ? Math.abs(said - target) <= TOLERANCE : said === target;
  return (
    <figure class="shown">
      <div class="scroll" tabIndex={0} role="group" aria-label="A sequence, step by step">
        <table>
          <tbody>
            <tr>
              <th scope="row">reads</th>
              {inputs.map((input, t) => (
                <td key={t} class={`read ${read(input).marked ? 'marked' : ''}`}>
                  {read(input).text}
                </td>
              ))}
            </tr>
            <tr>
              <th scope="row">right</th>
              {targets.map((target, t) => (
                <td key={t}>{target === null ? '' : say(target)}</td>
              ))}
            </tr>
            {sides.map(({ learner, trained, colour }) => {
              const shown = learner.shown.value;
              const said = shown && 'value' in shown.answer ? shown.answer.value : undefined;
              return (
                <tr key={colour}>
                  <th scope="row" style={{ '--key': `var(${colour})` }}>
                    <span class="cell-key">{labelOf(trained.value)}</span>
                  </th>
                  {targets.map((target, t) => (
                    <td
                      key={t}
                      class={
                        target === null || said?.[t] === undefined
                          ? undefined
                          : right(said[t], target)
                            ? 'good'
                            : 'bad'
                      }
                    >
                      {asked[t] && said?.[t] !== undefined ? say(said[t]) : ''}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <figcaption>
        <button type="button" class="small" onClick={another}>
          Another sequence
        </button>{' '}
        <span class="note">Drawn apart from those that are learnt from.</span>
      </figcaption>
    </figure>
  );
}
