/** Flags for V8 that hold for all threads that start from now on. What a version of V8 does not know it complains about, so each flag says for which versions it is. */
import { setFlagsFromString } from 'node:v8';

interface Flag {
  readonly text: string;
  /** Major versions of V8: Node 20 has 11, Node 22 has 12, Node 24 has 13. */
  readonly isFor: (version: number) => boolean;
}

const FLAGS: readonly Flag[] = [
  // Each worker compiles for itself, and until V8 has seen a function's code run for so long it runs several times slower. V8's own measure is four times
  // this, which made a worker slow for its first few thousand requests. Later versions have another measure, and a quick compiler in between.
  { text: '--interrupt-budget=16000', isFor: (version) => version <= 11 },
  // In loops that it takes for short ones it leaves out the place where a thread notices that it is to end. `for (;;) all.push(new Array(1000).fill(0))`
  // has such a loop in it, and then nothing ends it but the end of the process, for want of memory.
  { text: '--no-turboshaft-loop-unrolling', isFor: (version) => version >= 13 },
];

/** Ours, and then those of the option, which win. */
export function setV8Flags(own: readonly string[]): void {
  const version = Number.parseInt(process.versions.v8, 10);
  for (const { text, isFor } of FLAGS) if (isFor(version)) setFlagsFromString(text);
  for (const flag of own) setFlagsFromString(flag.startsWith('--') ? flag : `--${flag}`);
}
