/** The worker of train_page.ts: it trains, tells how far it is, hears `stop`, and gives the file of the weights at its end. */
import { crossEntropy, lastStep, openDevice, Random } from 'lethe';
import type { Tensor } from 'lethe';
import { fixedBatches, hostArray, padSequences } from 'lethe/data';
import { Embedding, encodeModule, Linear, LSTM, Module } from 'lethe/nn';
import { Adam } from 'lethe/optim';
import { Trainer } from 'lethe/train';

/** A sequence of ids below 8, and its class of two. */
export interface Example {
  ids: number[];
  label: number;
}
export type Order = { kind: 'start'; examples: Example[]; epochs: number } | { kind: 'stop' };
export type News =
  | { kind: 'progress'; step: number; loss: number; threads: number }
  | { kind: 'done'; step: number; bytes: Uint8Array } // for loadModule
  | { kind: 'failed'; message: string };

const stopping = new AbortController(); // a signal of the page cannot be sent: a message can

// Heard at once, and nothing is awaited before: messages that came meanwhile would be lost.
addEventListener('message', ({ data: order }: MessageEvent<Order>) => {
  if (order.kind === 'stop') stopping.abort();
  else
    train(order.examples, order.epochs).catch((error) =>
      tell({ kind: 'failed', message: String(error) }),
    );
});

function tell(news: News, transfer: Transferable[] = []): void {
  postMessage(news, { transfer });
}

async function train(examples: Example[], epochs: number): Promise<void> {
  const device = await openDevice('cpu'); // or 'auto'
  const random = new Random(1);
  class Classifier extends Module {
    embedding = new Embedding(device, 8, 16, { random });
    lstm = new LSTM(device, 16, 32, { random });
    decoder = new Linear(device, 32, 2, { random });
    forward(ids: Tensor, lengths: Tensor): Tensor {
      const [y] = this.lstm.forward(this.embedding.forward(ids), undefined, { lengths });
      return this.decoder.forward(lastStep(y, lengths));
    }
  }
  const model = new Classifier();
  const batches = fixedBatches(examples, {
    batchSize: 32,
    collate(rows) {
      const { ids, lengths } = padSequences(
        rows.map((row) => row.ids),
        { padding: 0 },
      );
      return {
        ids,
        lengths,
        labels: hostArray(
          rows.map(({ label }) => label),
          'i32',
        ),
      };
    },
  });
  const loss = ({ ids, lengths, labels }: Record<'ids' | 'lengths' | 'labels', Tensor>) =>
    crossEntropy(model.forward(ids, lengths), labels);
  const trainer = new Trainer(
    device,
    { model, batches, loss },
    { optimizer: new Adam(model, { lr: 1e-2 }) },
  );
  for await (const event of trainer.fit({ epochs, logEvery: 10, signal: stopping.signal })) {
    if (event.kind !== 'report') continue;
    tell({ kind: 'progress', step: event.step, loss: event.loss, threads: device.threads });
  }
  const bytes = await encodeModule(model);
  tell({ kind: 'done', step: trainer.step, bytes }, [bytes.buffer]);
  device.dispose();
}
