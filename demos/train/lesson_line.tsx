import { lesson } from './address';
import { source } from './form';
import { settingsInWords } from './settings_words';

/** What is learned, in a lesson, where it was chosen beforehand. */
export function LessonLine() {
  return (
    <p class="choice lesson-line">
      <span>
        Learns {source.value.name}: {settingsInWords}
      </span>
      <button type="button" class="fold" onClick={() => (lesson.value = false)}>
        Show all controls
      </button>
    </p>
  );
}
