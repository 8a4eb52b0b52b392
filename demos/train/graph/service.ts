import { charGraph, statistics } from '../../../src/inspect/index';
import { Streams, Vocabulary } from '../../../src/text/index';
import { completeConfig } from '../../../src/train/index';
import { answer } from '../../shared/answer';
import { capped, modelOf, onCpu, snapshot } from '../model_copy';
import type { Snapshot } from '../model_copy';
import type { Run } from '../run';
import type { GraphFacts, GraphRequest, GraphService } from './protocol';

/** The step that is drawn: as many time steps as tell a loop, as many windows as tell a batch. */
const SIZE = { seq: 3, batch: 2 } as const;
/** What a new model is held to. */
const MOST = { hidden: 8, embedding: 8, layers: 2 } as const;

/** Traces graphs, on the CPU. */
export function graphService(run: () => Run | undefined): GraphService {
  return {
    trace: (request) =>
      answer(async () => {
        if (request.model === 'new') return trace(newModel(request), request);
        const taken = await run()?.look(snapshot);
        return taken ? trace(taken, request) : null;
      }),
  };
}

/** A model to trace; without parameters, a new one. */
type Subject = Pick<Snapshot, 'config' | 'vocabulary'> & Partial<Snapshot>;

function newModel({ train, text }: GraphRequest): Subject {
  return { config: capped(completeConfig(train), MOST), vocabulary: Vocabulary.fromText(text) };
}

function trace(
  { config, vocabulary, parameters, step }: Subject,
  { text, fused }: GraphRequest,
): Promise<GraphFacts> {
  const window = new Streams(vocabulary.encode(text), SIZE).next();
  return onCpu(async (device) => {
    const model = modelOf(device, vocabulary.size, config, { parameters, fused });
    const { operations, tensors, root } = await charGraph(model, window);
    const { cell, hidden, layers, embedding } = config;
    return {
      operations,
      tensors: tensors.map(({ value, gradient, ...rest }) => ({
        ...rest,
        value: statistics(value),
        gradient: gradient && statistics(gradient),
      })),
      state: model.rnn.stateNames,
      ...{ root, cell, hidden, layers, embedding, ...SIZE, step: step ?? null },
    };
  });
}
