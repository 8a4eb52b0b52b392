import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';

/** What a text is likely to be called. */
export const TEXT_FILES = 'text/*,.txt,.md,.csv,.json';

/** A button that lets one choose a file. */
export function FilePicker({
  name,
  accept,
  disabled,
  onFile,
  children,
}: {
  /** Of the input, for who cannot see the button. */
  name: string;
  accept: string;
  disabled: boolean;
  onFile: (file: File) => void;
  children: ComponentChildren;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" disabled={disabled} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        disabled={disabled}
        aria-label={name}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // Emptied, so that the same file can be chosen again after an edit.
          currentTarget.value = '';
          if (file) onFile(file);
        }}
      />
    </>
  );
}
