import type { TrainEvent } from '../train/loop';

/** How training shows itself. */
export interface Reporter {
  /** @param notes What the run goes on from, or begins with. */
  start(notes?: readonly string[]): void;
  /** Shaders done, of those that the first step waits for. */
  compiling(done: number, total: number): void;
  event(event: TrainEvent): void;
  /** The run was told to stop, and will once its step is done. */
  stopping(): void;
  /** The end of the display, whatever the reason. */
  stop(): void;
  /** The run is saved. */
  done(run: string, stopped: boolean): void;
}
