/** Recorded queries whose answers differ from ours, and why. */
export const KNOWN_MISSES: readonly { readonly reason: string; readonly ids: readonly string[] }[] = [];
