import { grouped, nats, percent } from '../../shared/format';
import { mistakes, networkLoss, ngramLosses, order, wantedOrder } from './store';

/** The network beside an n-gram: who is right where, and whose loss is lower. */
export function Compared() {
  const losses = ngramLosses.value;
  const best = losses.indexOf(Math.min(...losses));
  const loss = losses[order.value - 1];
  const gain = loss - networkLoss.value;
  return (
    <section class="panel errors-compared" aria-labelledby="compared-title">
      <h2 id="compared-title">Beside the n-gram</h2>
      <div class="field">
        <label for="compared-order">Compare with</label>
        <select
          id="compared-order"
          value={order.value}
          onChange={({ currentTarget }) => (wantedOrder.value = Number(currentTarget.value))}
        >
          {losses.map((_, i) => (
            <option key={i} value={i + 1}>
              {i + 1}-gram{i === best ? ', the best' : ''}
            </option>
          ))}
        </select>
      </div>
      <p data-figure="gain">
        The network {gain > 0 ? 'wins' : 'loses'}: {nats(networkLoss.value)} nats a character, the{' '}
        {order.value}-gram {nats(loss)}.
      </p>
      <table>
        <caption>Which characters each foresees (one half or more)</caption>
        <tbody>
          {tally().map(([name, count, share]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{grouped(count)}</td>
              <td>{percent(share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function tally(): (readonly [name: string, count: number, share: number])[] {
  const { network, ngrams } = mistakes.value!;
  const ngram = ngrams[order.value - 1];
  const counts = [0, 0, 0, 0];
  network.forEach((p, t) => counts[(p >= 0.5 ? 0 : 2) + (ngram[t] >= 0.5 ? 0 : 1)]++);
  const names = ['both', 'the network alone', 'the n-gram alone', 'neither'];
  return names.map((name, i) => [name, counts[i], counts[i] / Math.max(network.length, 1)]);
}
