import type { ParamValues } from '../backend/kernel';

/**
 * Parameters of a scan over time, of one layer or of several on top of each other. It makes steps
 * `begin` to `end` - 1 of each layer; the launch sets the parameters behind them.
 *
 * Numbers that there are for each step lie in rows, [layers, time, batch]; those of a ragged batch, of
 * one layer, lie packed, the longest sequence first, and `table` tells where the rows of a step begin.
 */
export const SCAN = {
  ragged: 'override',
  /** 0: the product of the output before and `weight` is there already, or there is none. */
  recurrent: 'override',
  /** From the last step to the first. */
  reverse: 'u32',
  layers: 'u32',
  time: 'u32',
  batch: 'u32',
  /** layers time batch, or fewer where the batch is ragged. */
  rows: 'u32',
  hidden: 'u32',
  begin: 'u32',
  end: 'u32',
  wave_begin: 'u32',
  wave_end: 'u32',
  lag: 'u32',
  ring: 'u32',
} as const;

export type ScanParams = ParamValues<typeof SCAN>;

/** Parameters of a whole scan, but for what is given. */
export function scanParams(
  given: Pick<ScanParams, 'time' | 'batch' | 'hidden'> & Partial<ScanParams>,
): ScanParams {
  const { layers = 1, time, batch } = given;
  const launch = { wave_begin: 0, wave_end: 0, lag: 0, ring: 0 };
  const whole = { layers, rows: layers * time * batch, begin: 0, end: time };
  return { ...launch, reverse: 0, ragged: 0, recurrent: 1, ...whole, ...given };
}
