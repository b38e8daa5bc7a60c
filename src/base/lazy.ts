/** Libraries that few requests need are loaded at their first use: every worker would carry them, and start later, otherwise. */
import { createRequire } from 'node:module';

/** A package of foxden's own, loaded now. */
export const requirePackage: (name: string) => unknown = createRequire(import.meta.url);

/** A function that makes something once, when it is first asked for it. */
export function lazily<Made>(make: () => Made): () => Made {
  let made: { readonly it: Made } | undefined;
  return () => (made ??= { it: make() }).it;
}
