import type { Job, Turn } from '../types';
import { Lethe } from './lethe';

const lethe = new Lethe();

export function begin(job: Job, backend: 'cpu' | 'webgpu'): Promise<string> {
  return lethe.begin(job, backend);
}

export function turn(steps: number): Promise<Turn> {
  return lethe.turn(steps);
}
