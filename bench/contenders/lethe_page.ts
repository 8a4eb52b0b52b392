import type { Job, Turn } from '../types';
import { Lethe } from './lethe';

const lethe = new Lethe();

/** @param backend `cpu` or `webgpu`; openDevice refuses another. */
export function begin(job: Job, backend: string): Promise<string> {
  return lethe.begin(job, backend as 'cpu' | 'webgpu');
}

export function turn(steps: number): Promise<Turn> {
  return lethe.turn(steps);
}
