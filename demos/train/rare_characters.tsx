import { visibleCharacter } from '../../src/text/character';
import { counted } from '../shared/format';
import { statistics } from './form';

/** A character that occurs less often is rare: the model sees too little of it. */
const MIN_OCCURRENCES = 10;
/** Rare characters that are listed. */
const MAX_LISTED = 200;

/** The characters of the text that occur too rarely to be learnt, with their counts. */
export function RareCharacters() {
  const rare = statistics.value.counts.filter(({ count }) => count < MIN_OCCURRENCES);
  return (
    <details class="rare">
      <summary>{counted(rare.length, 'rare character')}</summary>
      <p class="hint">
        {rare.length === 0
          ? `Every character occurs ${MIN_OCCURRENCES} times or more.`
          : `Seen fewer than ${MIN_OCCURRENCES} times: too little to learn from. Most frequent first.`}
        {rare.length > MAX_LISTED && ` The first ${MAX_LISTED} are listed.`}
      </p>
      <ul>
        {rare.slice(0, MAX_LISTED).map(({ character, codePoint, count }) => (
          <li key={codePoint}>
            <code>{visibleCharacter(character)}</code> {count}
          </li>
        ))}
      </ul>
    </details>
  );
}
