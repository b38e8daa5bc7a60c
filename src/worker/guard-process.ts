/**
 * Takes from `process` what would end the server or this thread. Services share both with all others: what one of them calls by mistake, or
 * a library of it, throws instead, and is the service's own error. Each thread has a `process` of its own, so the first thread keeps it all.
 */
const REFUSED = [
  'abort',
  'exit',
  'kill',
  'reallyExit',
  '_kill',
  '_debugProcess',
  '_debugEnd',
  'setUncaughtExceptionCaptureCallback',
] as const;

const originals = new Map<string, PropertyDescriptor | undefined>();

export function guardProcess(): void {
  for (const name of REFUSED) {
    originals.set(name, Object.getOwnPropertyDescriptor(process, name));
    const refuse = (): never => {
      throw new Error(`process.${name}() would end more than this service`);
    };
    Object.defineProperty(process, name, { value: refuse, writable: false, configurable: true });
  }
}

/** Ends the thread, guarded or not. */
export function exitThread(code: number): never {
  // One of them is made of another.
  for (const [name, original] of originals) if (original !== undefined) Object.defineProperty(process, name, original);
  process.exit(code);
}
