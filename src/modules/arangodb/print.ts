/**
 * Values as ArangoDB's `print` and its shell show them: JSON with blanks, and things of ArangoDB's own in the form that their `_PRINT`
 * gives them.
 */

/** What `_PRINT` adds its text to. */
export interface PrintContext {
  output: string;
}

interface Printable {
  _PRINT(context: PrintContext): void;
}

/** Text is shown as it is, also that of an `Error`. */
export function printed(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return String(value);
  return textOf(value, '');
}

export function isPrintable(value: unknown): value is Printable {
  return typeof value === 'object' && value !== null && '_PRINT' in value && typeof value._PRINT === 'function';
}

function textOf(value: unknown, indentation: string): string {
  if (isPrintable(value)) {
    const context = { output: '' };
    value._PRINT(context);
    return context.output;
  }
  if (typeof value === 'function') return Function.prototype.toString.call(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? JSON.stringify(value) : String(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') return textOf(value.toJSON(), indentation);
  const inner = `${indentation}  `;
  if (Array.isArray(value))
    return block(
      '[',
      value.map((member) => textOf(member, inner)),
      ']',
      indentation,
    );
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)} : ${textOf(member, inner)}`);
  return block('{', members, '}', indentation);
}

function block(opening: string, members: readonly string[], closing: string, indentation: string): string {
  if (members.length === 0) return `${opening} ${closing}`;
  return `${opening} \n${members.map((member) => `${indentation}  ${member}`).join(', \n')} \n${indentation}${closing}`;
}
