// The program: in few files when it has been bundled, or as it was compiled when that is newer (a bundle of yesterday would run yesterday's code).
import { statSync } from 'node:fs';

const compiledAtMs = statSync(new URL('../dist/.tsbuildinfo', import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;
const bundledAtMs = statSync(new URL('../dist/bundle/main.js', import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? -1;

export const { main } = await import(bundledAtMs > compiledAtMs ? '../dist/bundle/main.js' : '../dist/src/main.js');
