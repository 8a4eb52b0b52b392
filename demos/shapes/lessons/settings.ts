import type { Switches } from '../switches';
import type { OwnFile } from './own_file';

/** What the page opens a training with. */
export interface LessonSettings {
  readonly switches: Switches;
  /** Data of one's own, in place of those that come along. */
  readonly own: OwnFile | null;
}
