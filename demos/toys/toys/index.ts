import { adding } from './adding';
import { brackets } from './brackets';
import { copying } from './copying';
import { counting } from './counting';
import { parity } from './parity';
import type { Toy } from './toy';

/** The toys of the page, in its order. */
export const TOYS: readonly Toy[] = [adding, copying, counting, brackets, parity];
