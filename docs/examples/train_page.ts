/** Trains in a worker, so that the page stays alive. */
import type { Example, News, Order } from './train_worker';

export type Progress = News & { kind: 'progress' };

/**
 * @param hear is told of every ten steps.
 * @param signal ends it early; what was learnt by then is the result.
 * @returns the file of the weights, and the steps that were done.
 */
export function trainInWorker(
  examples: Example[],
  {
    epochs,
    hear,
    signal,
  }: { epochs: number; hear: (progress: Progress) => void; signal?: AbortSignal },
): Promise<News & { kind: 'done' }> {
  const worker = new Worker(new URL('./train_worker.ts', import.meta.url), { type: 'module' });
  const tell = (order: Order) => worker.postMessage(order);
  signal?.addEventListener('abort', () => tell({ kind: 'stop' }));
  tell({ kind: 'start', examples, epochs });
  return new Promise((resolve, reject) => {
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(message || 'the worker did not load')),
    );
    worker.addEventListener('message', ({ data: news }: MessageEvent<News>) => {
      if (news.kind === 'progress') return hear(news);
      worker.terminate();
      if (news.kind === 'done') resolve(news);
      else reject(new Error(news.message));
    });
  });
}
