import type { Device } from '../../src/index';
import type { Report, SampleOptions, TrainConfig } from '../../src/train/index';

/** What `openDevice` takes. */
export type DeviceKind = 'auto' | Device['kind'];

/** What a run is made of, besides the text. */
export interface RunSettings {
  train: Partial<TrainConfig>;
  device: DeviceKind;
  /** Of the samples along the way. */
  temperature: number;
  /** Steps after which training rests; 0 or left out for never. */
  stopAfter?: number;
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

/** What the steps since the last report came to. */
export interface StepReport extends Report {
  /** Passes over the text, with their fraction. */
  epoch: number;
  charactersPerSecond: number;
  /** Bytes that the device holds for the run. */
  bytes: number;
  /** Bytes that it keeps besides, to use again. */
  pooledBytes: number;
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
  /** False while characters are still to come. */
  done: boolean;
}

/**
 * An error, as the page shows it. The kind is told by class in the worker: an Error loses its class
 * on the way, and a minified build the name of it.
 */
export interface Problem {
  kind: 'argument' | 'text' | 'device' | 'lost' | 'other';
  message: string;
}

/** What the worker tells of its own accord. */
export type RunEvent =
  | { kind: 'report'; report: StepReport }
  | { kind: 'validation'; step: number; loss: number }
  | { kind: 'sample'; sample: Sample }
  /** Shaders ready, of those that the first step waits for. */
  | { kind: 'compiling'; done: number; total: number }
  /** The steps that were asked for are done; training rests. */
  | { kind: 'stopped' }
  /** The run is over, and its memory is free. */
  | { kind: 'failed'; problem: Problem };

export type Listener = (event: RunEvent) => void;

/** What the worker does for the page; one run at a time. */
export interface TrainingService {
  /** Says where events go; first of all calls. */
  connect(listener: Listener): void;
  /** The device that `auto` stands for here. */
  probe(): Promise<DeviceInfo>;
  /** Makes a model, after closing the one before. It does not train yet. */
  open(text: string, settings: RunSettings): Promise<{ info: RunInfo } | { problem: Problem }>;
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
  /** Frees model and device. */
  close(): Promise<void>;
}
