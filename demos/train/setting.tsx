import { CHANGEABLE } from '../../src/train/config';
import { NumberField } from '../shared/fields';
import { fieldProblems, typed } from './form';
import type { NumberName } from './form';
import { isOpen, mayChange } from './store';

interface Props {
  name: NumberName;
  label: string;
  hint?: string;
  step?: string;
}

/** A setting that is a number; one that a run may change can be edited while it rests. */
export function Setting({ name, ...rest }: Props) {
  const changeable = (CHANGEABLE as readonly string[]).includes(name);
  return (
    <NumberField
      {...rest}
      value={typed[name]}
      problem={fieldProblems[name]}
      disabled={changeable ? !mayChange.value : isOpen.value}
    />
  );
}
