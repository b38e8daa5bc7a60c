// Makes the checkout ready to run: installs what package-lock.json asks for if it is not there, and compiles what is stale.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** A tool from node_modules, run with this Node. */
export function tool(name, args) {
  run(join(root, 'node_modules', '.bin', name), args);
}

export function install() {
  const marker = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  const modules = lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false });
  if (modules?.isSymbolicLink()) return; // shared with another checkout, which looks after it
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('Installing dependencies …');
  // Not `npm ci`: it refuses a lock file without the optional packages of platforms that its writer's registry did not offer.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], { shell: process.platform === 'win32' });
}

export async function build() {
  tool('tsc', ['-p', root]);
  const { bundle } = await import('./bundle.js');
  await bundle();
  buildWeb();
}

/** The web interface, to `dist/web`. Does nothing when nothing in `web/` has changed since the last time. */
function buildWeb() {
  const builtAtMs = statSync(join(root, 'dist', 'web', 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const folder = join(root, 'web');
  const sources = ['', ...readdirSync(folder, { recursive: true })].map((path) => join(folder, path));
  if (sources.every((path) => statSync(path).mtimeMs < builtAtMs)) return;
  tool('tsc', ['-p', folder]);
  tool('vite', ['build', folder, '--logLevel', 'warn']);
}

export async function prepare() {
  install();
  await build();
}
