import { UMAP } from 'umap-js';

import { Random } from '../../../src/random';
import { serve } from '../../shared/endpoint';
import { upright } from './layout';
import type { LayoutService } from './protocol';

/** Neighbours that each model is held near to, at most. */
const MAX_NEIGHBOURS = 12;
const EPOCHS = 400;

const service: LayoutService = {
  layOut(vectors) {
    const random = new Random(1);
    const map = new UMAP({
      nNeighbors: Math.max(2, Math.min(MAX_NEIGHBOURS, Math.floor(vectors.length / 3))),
      minDist: 0.3,
      nEpochs: EPOCHS,
      random: () => random.uniform(),
    });
    return upright(map.fit(vectors.map((vector) => Array.from(vector))));
  },
};
serve(service);
