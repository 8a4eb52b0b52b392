import type { ProxyMarked } from 'comlink';

import type { Device } from '../../src/index';
import type {
  CharacterScore,
  Report,
  SampleOptions,
  TextMark,
  TrainConfig,
} from '../../src/train/index';
import type { CellsService } from './cells/protocol';
import type { ErrorsService } from './errors/protocol';
import type { FlowService } from './gradients/protocol';
import type { GraphService } from './graph/protocol';
import type { MapService } from './map/protocol';
import type { Problem } from '../shared/problem';

/** What `openDevice` takes. */
export type DeviceKind = 'auto' | Device['kind'];

/** Where a text came from, and the text. */
export interface TextSource {
  name: string;
  text: string;
  /** That was named to read its file. */
  encoding?: string;
}

/** What a run is made of, besides the text. */
export interface RunSettings {
  train: Partial<TrainConfig>;
  device: DeviceKind;
  /** Of the samples along the way. */
  temperature: number;
  /** Steps after which training rests; 0 or left out for never. */
  stopAfter?: number;
  /** What the run is called; left out, by its model. */
  name?: string;
  /** Of a run that began with the weights of a file: the name of that. */
  from?: string;
}

export interface DeviceInfo {
  kind: Device['kind'];
  description: string;
  /** Why this device, in one line. */
  reason: string;
}

/** What is known of a run once it is open. */
export interface RunInfo {
  device: DeviceInfo;
  parameters: number;
  vocabulary: number;
  charactersPerStep: number;
  stepsPerEpoch: number;
}

/** A text that the model wrote, or is writing. */
export interface Sample {
  id: number;
  /** Training steps that the model had behind it. */
  step: number;
  /** Drawn along the way, rather than asked for. */
  automatic: boolean;
  temperature: number;
  prime: string;
  text: string;
  /** What the model thought of each character so far. */
  scores: readonly CharacterScore[];
  /** False while characters are still to come. */
  done: boolean;
}

/** What the steps since the last report came to. */
export interface StepReport extends Report {
  charactersPerSecond: number;
  /** Bytes that the device holds for the run. */
  bytes: number;
  /** Bytes that it keeps besides, to use again. */
  pooledBytes: number;
}

/** A point of the chart. */
export interface Point {
  step: number;
  loss: number;
  smoothed: number;
  validation: number | null;
}

export interface Validation {
  step: number;
  loss: number;
}

/** What a run has told so far: its curves and samples. Plain values, to be kept with its weights. */
export interface Journal {
  readonly report: StepReport | null;
  readonly validation: Validation | null;
  /** The lowest held-out loss; null before the first. */
  readonly best: Validation | null;
  readonly points: readonly Point[];
  /** Newest first. */
  readonly samples: readonly Sample[];
}

export interface Failure {
  problem: Problem;
}

/** What the worker tells of its own accord. */
export type RunEvent =
  | { kind: 'report'; report: StepReport }
  | { kind: 'validation'; step: number; loss: number }
  | { kind: 'sample'; sample: Sample }
  /** The device was lost, and the run goes on from the last snapshot. */
  | { kind: 'recovered'; info: RunInfo; journal: Journal; step: number; reason: string }
  /** Whether the run is kept in this browser: at which step it was, or why it was not. */
  | { kind: 'kept'; step: number }
  | { kind: 'not kept'; reason: string }
  /** Shaders ready, of those that the first step waits for. */
  | { kind: 'compiling'; done: number; total: number }
  /** The steps that were asked for are done; training rests. */
  | { kind: 'stopped' }
  /** The run is over, and its memory is free. */
  | { kind: 'failed'; problem: Problem };

/** A text for a checkpoint that has none, and whether the run goes on, or a new one begins with its weights. */
export interface GivenText {
  text: TextSource;
  begin: 'on' | 'anew';
}

/** The text that a checkpoint was trained on. */
export interface AskedText {
  mark: TextMark;
  /** Steps that it was trained. */
  step: number;
  /** False where a new run can begin with its weights, and nothing more. */
  resumes: boolean;
}

export interface OpenedRun {
  id: string;
  info: RunInfo;
}

/** A run as the page takes it over: at rest, where it was when it was saved. */
export interface RestoredRun extends OpenedRun {
  source: TextSource;
  settings: RunSettings;
  journal: Journal;
  kept: KeptState;
}

/** A run that this browser keeps besides the open one. */
export interface StoredRun {
  id: string;
  /** Name of its text, and its length in UTF-16 units. */
  text: string;
  textLength: number;
  settings: RunSettings;
  journal: Journal;
  step: number;
}

/** Whether a run is kept in this browser: at which step it was, or why it was not. */
export type KeptState = { step: number } | { reason: string };

export type Listener = (event: RunEvent) => void;

/** What the worker does for the page; one run at a time. */
export interface TrainingService {
  /** Says where events go; first of all calls. */
  connect(listener: Listener): void;
  /** Whether runs may be kept from now on: why not, or null. The run that is open is kept at once. */
  mayKeep(refusal: string | null): Promise<void>;
  /** The device that `auto` stands for here; for a CPU without WebAssembly, why that is. */
  probe(): Promise<DeviceInfo & { slow?: string }>;
  /** Makes a model, after closing the one before. It does not train yet. */
  open(source: TextSource, settings: RunSettings): Promise<OpenedRun | Failure>;
  /** The run that was open when the page was closed, if there was one. */
  restore(): Promise<RestoredRun | Failure | null>;
  /** A run that this browser keeps, under that name; what was open before is kept too. */
  openKept(id: string, name: string): Promise<RestoredRun | Failure>;
  /** The runs that this browser keeps, without the open one and those named. */
  keptRuns(named: readonly string[]): Promise<StoredRun[]>;
  /** Forgets a run that this browser keeps. */
  remove(id: string): Promise<void>;
  /**
   * The run of a file: one that was exported, or a checkpoint with a text. One that does not fit leaves
   * the run before as it was. A checkpoint by itself asks for its text.
   */
  importRun(
    bytes: Uint8Array<ArrayBuffer>,
    name: string,
    text?: GivenText,
  ): Promise<RestoredRun | Failure | { asks: AskedText }>;
  /** Gives the open run other settings, at rest: those that it may change, its device and its end. */
  change(settings: RunSettings): Promise<RestoredRun | Failure>;
  /** The last snapshot of a run that has failed. */
  goBack(): Promise<RestoredRun | Failure>;
  /** A new run, at rest, that stands where the held-out loss was lowest; the one before is kept too. */
  goToBest(): Promise<RestoredRun | Failure>;
  /** The open run as a file, or its model alone, or what is left of one that failed; null for none. */
  exportRun(what: 'run' | 'model'): Promise<{ bytes: Uint8Array<ArrayBuffer> } | Failure | null>;
  /** Trains until `pause`. */
  resume(): void;
  /** Resolves when no step is under way and the last report is out. */
  pause(): Promise<void>;
  /** One training step. */
  step(): Promise<void>;
  /** Measures the loss on the held-out text now. */
  evaluate(): Promise<void>;
  /** Writes a sample between two steps; the text comes in events. */
  write(options: SampleOptions): Promise<Problem | null>;
  /** Ends the sample being written where it stands. */
  stopWriting(): void;
  /** The temperature of the samples along the way. */
  setTemperature(temperature: number): void;
  /** Frees model and device. What this browser keeps of the run stays, and is not open any more. */
  close(): Promise<void>;
  /** Inside the cells. */
  readonly cells: CellsService;
  /** What it gets wrong. */
  readonly errors: ErrorsService;
  /** A map of models. */
  readonly map: MapService;
  gradients: FlowService & ProxyMarked;
  graph: GraphService & ProxyMarked;
}
