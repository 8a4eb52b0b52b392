/** The model, and how it is trained; the same for every contender. */
export interface Workload {
  readonly cell: 'lstm' | 'gru';
  readonly layers: number;
  /** Units of each layer, and the width of the embedding. */
  readonly hidden: number;
  readonly vocabulary: number;
  readonly batch: number;
  readonly seq: number;
}

/** What a turn does: training steps, characters drawn, windows of a text read, or first steps of a fresh trainer. */
export type Kind = 'train' | 'sample' | 'eval' | 'encode';

/** What a contender is told to do. */
export interface Job extends Workload {
  readonly name: string;
  readonly kind: Kind;
  readonly lr: number;
  readonly clip: number;
  readonly seed: number;
  /** Code points FIRST_CODE_POINT and up, all of the vocabulary among them. */
  readonly text: string;
  /** Of Lethe on the CPU; as many as there are cores when left out. */
  readonly threads?: number;
}

/** What a turn came to. */
export interface Turn {
  /** Of one step; of one character when sampling or evaluating. */
  milliseconds: number;
  /** Processor time of a step, all threads together, in milliseconds: bench:ctc only. */
  cpu?: number;
  /** The mean of the turn's steps, nats per character. Null when sampling. */
  loss: number | null;
  /** Kernels of one step. */
  dispatches?: number;
  /** Milliseconds until `trainStep` gives its promise. */
  encode?: number;
  /** The same for the step that is recorded, kind `encode` only. */
  record?: number;
  /** Live and pooled bytes on the device, the most so far. */
  bytes?: number;
}

/** One side of the comparison, set up and idle. */
export interface Contender {
  /** What it runs on. */
  readonly on: string;
  /** Milliseconds from its code loaded to the model made. */
  readonly beginMs: number;
  turn(steps: number): Promise<Turn>;
  close(): Promise<void>;
}

/** What a page or a worker process offers. */
export interface ContenderModule {
  begin: (this: void, job: Job, backend: string) => Promise<string>;
  turn: (this: void, steps: number) => Promise<Turn>;
}

/** A line of the results. */
export interface Row {
  workload: string;
  contender: string;
  /** Median, or absent where there is none. */
  msPerStep?: number;
  min?: number;
  max?: number;
  /** Timed turns. */
  rounds?: number;
  /** From its code loaded to the end of the first step: device, model and kernels included. */
  firstMs?: number;
  usPerCharacter?: number;
  charactersPerSecond?: number;
  firstLoss?: number;
  lastLoss?: number;
  dispatches?: number;
  encodeMs?: number;
  recordMs?: number;
  /** The same of the first step that the process records, its JavaScript not yet compiled. */
  firstRecordMs?: number;
  bytes?: number;
  /** Percent of the time that the adapter's arithmetic or bandwidth would take at the least. */
  floorPercent?: number;
  on?: string;
  /** Why there are fewer rounds than asked for, and whether the losses are those of the others. */
  note?: string;
  /** Why it did not run here. */
  missing?: string;
  /** Why it ran and failed. */
  error?: string;
}

/** A claim about two figures. */
export interface Ratio {
  name: string;
  target: number;
  value: number | null;
  met: boolean | null;
}
