import { ArgumentError } from '../errors';
import type { Module } from '../nn/module';
import { penalty } from '../optim/penalty';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import type { Tensor } from '../tensor/tensor';

/** A term of the loss that keeps parameters small: l1 times the sum of |w|, and l2 times that of w^2. */
export interface Penalty {
  /** Their names, or what matches them: `/weight/`. */
  parameters: RegExp | readonly string[];
  /** Factor of the sum of |w|, from 0; 0 when left out. */
  l1?: number;
  /** Factor of the sum of w^2, from 0; 0 when left out. */
  l2?: number;
}

const PENALTY: OptionNames<Penalty> = { parameters: true, l1: true, l2: true };

/** @throws ArgumentError for a name that the model has not, or where nothing would be added. */
export function checkPenalty(owner: string, model: Module, chosen: Penalty): void {
  checkOptions(`${owner}: penalties`, chosen, PENALTY);
  const { parameters, l1 = 0, l2 = 0 } = chosen;
  for (const [name, value] of Object.entries({ l1, l2 })) {
    if (value >= 0 && Number.isFinite(value)) continue;
    throw new ArgumentError(
      `${owner}: penalties: ${name} = ${describeValue(value)}; a finite number from 0 is needed`,
    );
  }
  const names = Array.from(model.namedParameters(), ([name]) => name);
  const missing =
    parameters instanceof RegExp ? [] : parameters.filter((name) => !names.includes(name));
  const none = selected(model, chosen).length === 0;
  if (l1 + l2 > 0 && missing.length === 0 && !none) return;
  const what =
    l1 + l2 > 0
      ? `parameters = ${none ? String(parameters) : missing.join(', ')}, which the model has not`
      : 'l1 and l2 are both 0';
  throw new ArgumentError(`${owner}: penalties: ${what}; the parameters are ${names.join(', ')}`);
}

function selected(model: Module, { parameters }: Penalty): Tensor[] {
  return Array.from(model.namedParameters()).flatMap(([name, parameter]) => {
    const chosen =
      parameters instanceof RegExp ? name.search(parameters) >= 0 : parameters.includes(name);
    return chosen ? [parameter] : [];
  });
}

/** The term, a scalar. */
export function penaltyOf(model: Module, chosen: Penalty): Tensor {
  const { l1, l2 } = chosen;
  return penalty(selected(model, chosen), { l1, l2 });
}
