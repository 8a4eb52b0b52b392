import { messageOf } from '../../src/io/reason';
import { megabytes } from '../shared/format';

/**
 * A file's text, or the sentence that tells why there is none.
 *
 * @param most bytes that are read.
 * @param instead what to do with a larger one.
 */
export async function textOf(
  file: File,
  most: number,
  instead: string,
): Promise<{ text: string } | { refused: string }> {
  if (file.size > most) {
    return {
      refused: `${file.name} has ${megabytes(file.size)}, and ${megabytes(most)} at most are read here: ${instead}.`,
    };
  }
  try {
    return { text: await file.text() };
  } catch (error) {
    return { refused: `${file.name} could not be read: ${messageOf(error)}` };
  }
}
