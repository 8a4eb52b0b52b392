import { createContext } from 'preact';
import { useContext, useId } from 'preact/hooks';

/** The file of one's own that the network which answers has learnt; null for the data that come along. */
export const OwnName = createContext<string | null>(null);

/** Characters that a box takes. */
const MOST = 200;

/**
 * A line of text as the input; every key is an input of its own.
 *
 * @param label while the answer is that of a network of the task's own data.
 */
export function AskText({
  label,
  input,
  give,
}: {
  label: string;
  input: string;
  give: (input: string) => void;
}) {
  const id = useId();
  const own = useContext(OwnName);
  return (
    <div class="field ask">
      <label for={id}>{own === null ? label : 'A text of your own'}</label>
      <input
        id={id}
        type="text"
        value={input}
        maxLength={MOST}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => give(currentTarget.value)}
      />
    </div>
  );
}
