import type { Example } from '../../demos/tasks/example';
import { DataError, LetheError } from '../errors';
import { reasonOf } from '../io/reason';

/**
 * The data of an example.
 *
 * @throws DataError where they cannot be read.
 */
export async function loadData(example: Example, source: string | undefined): Promise<unknown> {
  try {
    return await example.load(source);
  } catch (error) {
    // Those of the system have a code.
    if (error instanceof LetheError || !(error instanceof Error && 'code' in error)) throw error;
    throw new DataError(
      `cannot read ${source}: ${reasonOf(error)}; ${example.name} takes other data than its own: ${example.data}`,
    );
  }
}
