/**
 * Preloaded into a foxden process (`--import`), it ends that at once, as kill -9 does, when a service's files have come so far. The environment
 * says where, and a file that the test makes says from when on.
 */
import { spawnSync } from 'node:child_process';
import fs, { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { sep } from 'node:path';

/** In the order in which an upgrade comes by. */
export const POINTS = ['unpacking', 'old code leaves', 'new code comes', 'bundle comes', 'all is there', 'code goes'] as const;
export type Point = (typeof POINTS)[number];

const point = process.env['FOXDEN_TEST_DIE_AT'];
const armed = process.env['FOXDEN_TEST_DIE_FROM'] ?? '';

function dieAt(reached: Point): void {
  // Not by `process.kill`, which workers have not.
  if (reached === point && existsSync(armed)) spawnSync('kill', ['-9', String(process.pid)]);
}

const isStaged = (path: unknown): boolean => String(path).includes(`${sep}_staging${sep}`);
const isCode = (path: unknown): boolean => String(path).endsWith(`${sep}APP`);

if (point !== undefined) {
  const { renameSync, writeFileSync } = fs;
  fs.writeFileSync = (...given) => {
    if (isStaged(given[0])) dieAt('unpacking');
    writeFileSync(...given);
  };
  fs.renameSync = (from, to) => {
    const isBundle = String(to).endsWith('.zip') && !isStaged(to);
    if (isCode(from) && !isStaged(from)) {
      // It goes out of its place by a rename, whether new code comes or not.
      dieAt('old code leaves');
      dieAt('code goes');
    }
    if (isCode(to) && !isStaged(to)) dieAt('new code comes');
    if (isBundle) dieAt('bundle comes');
    renameSync(from, to);
    if (isBundle) dieAt('all is there');
  };
  syncBuiltinESMExports();
}
