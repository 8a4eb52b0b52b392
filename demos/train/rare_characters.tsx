import { visibleCharacter } from '../../src/text/character';
import { counted } from '../shared/format';
import { statistics } from './form';

/** A character that occurs less often is rare: the model sees too little of it. */
const RARE = 10;
/** Rare characters that are listed. */
const LISTED = 200;

/** The characters of the text that occur too rarely to be learnt, with their counts. */
export function RareCharacters() {
  const rare = statistics.value.counts.filter(({ count }) => count < RARE);
  return (
    <details class="rare">
      <summary>{counted(rare.length, 'rare character')}</summary>
      <p class="hint">
        {rare.length === 0
          ? `Every character occurs ${RARE} times or more.`
          : `Seen fewer than ${RARE} times: too little to learn from. Most frequent first.`}
        {rare.length > LISTED && ` The first ${LISTED} are listed.`}
      </p>
      <ul>
        {rare.slice(0, LISTED).map(({ character, codePoint, count }) => (
          <li key={codePoint}>
            <code>{visibleCharacter(character)}</code> {count}
          </li>
        ))}
      </ul>
    </details>
  );
}
