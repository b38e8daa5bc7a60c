/**
 * What Buffer itself calls once it knows the encoding: faster for the few bytes that a value has, and it works on any Uint8Array. Not all of
 * it is in Node's types.
 */
export const native = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  utf8Write(this: Uint8Array, text: string, offset: number, length: number): number;
  copy(this: Uint8Array, target: Uint8Array, targetStart: number, start: number, end: number): number;
};
