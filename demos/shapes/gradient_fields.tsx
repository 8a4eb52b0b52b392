import type { Gradients } from '../learn/protocol';
import { largestOf, strength } from './gradient_flow';
import { gradientOf } from './gradient_state';
import type { Picture } from './picture';
import { topic } from './state';

const ROWS: readonly (readonly [keyof Gradients, string])[] = [
  ['ahead', 'by the state that goes on'],
  ['back', 'by the state that goes back'],
  ['up', 'upwards: to an output or to attention'],
  ['into', 'by the input'],
];

interface Shown {
  picture: Picture;
  gradients: Gradients;
}

/** The output whose gradient is shown until one is chosen: behind an encoder the first, else the last. */
export const outputShown = (outputs: number, { decoder }: Picture): number =>
  gradientOf.value ?? (decoder ? 0 : outputs - 1);

/** Which output's gradient it is, and how large it is along each arrow. */
export function GradientFields({ picture, gradients }: Shown) {
  const outputs = picture.columns.flatMap(({ output }) => (output === undefined ? [] : [output]));
  return (
    <div class="gradient-fields">
      {outputs.length > 1 && (
        <label>
          The gradient of the output{' '}
          <select
            value={outputShown(outputs.length, picture)}
            onChange={({ currentTarget }) => (gradientOf.value = Number(currentTarget.value))}
          >
            {outputs.map((output, i) => (
              <option key={i} value={i}>
                {i + 1}: {output}
              </option>
            ))}
          </select>
        </label>
      )}
      <p class="note">
        <span class="gradient-key">Red</span> is the gradient: how much the score of the answer (its
        logit, before it becomes a probability) would change with the state, or the input, at each
        step. An arrow is thinner and fainter by powers of ten, and gone at a ten thousandth of the
        largest. {picture.attention && 'The arcs are its second way back, by attention. '}
        {topic.value?.switches.includes('cell') &&
          'Train the same task with a plain RNN, an LSTM and a GRU to see how far back each reaches.'}
      </p>
      <GradientNumbers picture={picture} gradients={gradients} />
    </div>
  );
}

/** The sizes (norms) as numbers, a column for each of the picture's. */
function GradientNumbers({ picture, gradients }: Shown) {
  const largest = largestOf(gradients);
  return (
    <details class="course">
      <summary>The gradient in numbers</summary>
      <div class="scroll" tabIndex={0} role="group" aria-label="The gradient in numbers">
        <table>
          <thead>
            <tr>
              <td />
              {picture.columns.map(({ input, output }, i) => (
                <th key={i} scope="col">
                  {input ? input : (output ?? '')}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ROWS.filter(([way]) => gradients[way].some((norm) => norm > 0)).map(([way, title]) => (
              <tr key={way}>
                <th scope="row">{title}</th>
                {gradients[way].map((norm, i) => (
                  <td key={i} style={{ '--weight': strength(norm, largest) }}>
                    {norm === 0 ? '0' : norm.toExponential(0)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
