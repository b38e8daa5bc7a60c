/**
 * The path of an indexed attribute: `name`, `address.city`, `tags[*]`, `lines[*].product`.
 */
import { ArangoError } from '#base';

export interface FieldPath {
  /** As it was written. */
  readonly text: string;
  readonly steps: readonly string[];
  /** Position of the step whose array is expanded; -1 without `[*]`. */
  readonly expandedStep: number;
}

/** Throws 1220 for text that is no path, 10 for one with more than one `[*]`. */
export function parseFieldPath(text: string): FieldPath {
  let expandedStep = -1;
  const steps = text.split('.').map((part, position) => {
    if (!part.endsWith('[*]')) return checkedStep(part, text);
    if (expandedStep !== -1) throw new ArangoError('ERROR_BAD_PARAMETER', `more than one [*] in '${text}'`);
    expandedStep = position;
    return checkedStep(part.slice(0, -3), text);
  });
  return { text, steps, expandedStep };
}

function checkedStep(step: string, text: string): string {
  if (step === '' || step.includes('[') || step.includes(']')) throw new ArangoError('ERROR_ARANGO_ATTRIBUTE_PARSER_FAILED', `'${text}'`);
  return step;
}
