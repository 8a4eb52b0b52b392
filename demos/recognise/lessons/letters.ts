import { LETTERS } from '../../tasks/pen/alphabet';
import { letters as task } from '../../tasks/pen/index';
import { recognitionMeta } from '../../tasks/recognition/task';
import { penLesson } from './pen';

/** Of fewer units than the task's own, so that its file loads quickly; trained for longer. */
const small = {
  ...task,
  training: { ...task.training, epochs: 24 },
  meta: (data: Parameters<typeof task.meta>[0]) =>
    recognitionMeta(data, {
      ...{ batchSize: 32, front: 0, cell: 'gru', hidden: 64, layers: 1, dropout: 0.1 },
    }),
};
export const letters = penLesson(small, LETTERS);
