// The program: in few files when it has been bundled, or as it was compiled when that is newer (a bundle of yesterday would run yesterday's code).
import { statSync } from 'node:fs';

/** What one of its entries exports, by the entry's path below `src`. */
export function load(entry) {
  const isBundled = changedAtMs('bundle/main.js', -1) > changedAtMs('.tsbuildinfo', 0);
  return import(isBundled ? `../dist/bundle/${entry.replaceAll('/', '-')}.js` : `../dist/src/${entry}.js`);
}

function changedAtMs(path, otherwise) {
  return statSync(new URL(`../dist/${path}`, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? otherwise;
}
