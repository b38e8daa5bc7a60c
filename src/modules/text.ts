/** Anything as text, for values that service code hands over and that may be of any type. */
export function textOf(value: unknown): string {
  return String(value);
}
