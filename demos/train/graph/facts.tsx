import type { Statistics } from '../../../src/inspect/index';
import { brief } from '../gradients/words';
import type { Box } from './layout';
import type { TensorFacts } from './protocol';
import { selected, traced } from './store';
import { descriptionOf, KINDS, kindOf, outputName, shapeOf, titleOf } from './words';

const COLUMNS = ['mean', 'std', 'min', 'max', 'norm'] as const;

/** What is known of the selected box. */
export function Facts() {
  const box = selected.value;
  return (
    <section class="graph-facts" aria-labelledby="facts-title" aria-live="polite">
      <h3 id="facts-title">{box ? titleOf(box) : 'Nothing selected'}</h3>
      {box ? (
        <Known box={box} />
      ) : (
        <p class="hint">
          Click a box, or go to the graph with Tab and from box to box with the arrow keys. Here
          stands what flows out of it, and the gradient that comes back.
        </p>
      )}
    </section>
  );
}

function Known({ box }: { box: Box }) {
  const step = box.operation?.step;
  return (
    <>
      <p>
        {KINDS[kindOf(box)]}
        {step && `, time step ${step}`}. {descriptionOf(box)}
      </p>
      <div class="graph-tables">
        {box.tensors.map((tensor, i) => (
          <Tensor
            key={tensor.id}
            name={outputName(box, i, traced.value.value?.state ?? [])}
            tensor={tensor}
          />
        ))}
      </div>
    </>
  );
}

function Tensor({ name, tensor }: { name: string; tensor: TensorFacts }) {
  return (
    <table class="graph-table">
      <caption>
        {name}: {shapeOf(tensor.shape)}
      </caption>
      <thead>
        <tr>
          <td />
          <th scope="col">Value</th>
          <th scope="col">Gradient</th>
        </tr>
      </thead>
      <tbody>
        {COLUMNS.map((column) => (
          <tr key={column} data-statistic={column}>
            <th scope="row">{NAMES[column]}</th>
            <td>{brief(tensor.value[column])}</td>
            <td>{tensor.gradient ? brief(tensor.gradient[column]) : 'none'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const NAMES: Record<Exclude<keyof Statistics, 'count'>, string> = {
  mean: 'Mean',
  std: 'Standard deviation',
  min: 'Lowest',
  max: 'Highest',
  norm: 'Norm',
};
