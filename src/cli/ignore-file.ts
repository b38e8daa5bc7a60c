/**
 * `.foxxignore`: which files of a service's folder stay out of its bundle. The patterns are foxx-cli's: minimatch with dotfiles, `!`
 * allows and wins, a leading `/` is the service's root, a trailing `/` a folder with all that is in it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Minimatch from 'minimatch';
import { lazily, requirePackage } from '#base';

const library = lazily(() => requirePackage('minimatch') as typeof Minimatch);

const FILE = '.foxxignore';

/** What is left out where no file says otherwise. */
const DEFAULTS: readonly string[] = ['.git/', '.svn/', '.hg/', '*.swp', '.DS_Store'];

export type Matches = (path: string) => boolean;

/** Whether a path, relative to the folder and with `/`, is left out. */
export function readIgnoreFile(folder: string): Matches {
  return createMatcher(readLines(folder) ?? DEFAULTS);
}

export function createMatcher(lines: readonly string[]): Matches {
  const { Minimatch: Pattern } = library();
  const ignored: Minimatch.IMinimatch[] = [];
  const allowed: Minimatch.IMinimatch[] = [];
  for (const line of lines) {
    const text = line.trim();
    const isAllowed = text.startsWith('!');
    let pattern = isAllowed ? text.slice(1) : text;
    if (pattern === '' || pattern.startsWith('#')) continue;
    if (pattern.endsWith('/')) pattern += '**';
    pattern = pattern.startsWith('/') ? pattern.slice(1) : `**/${pattern}`;
    (isAllowed ? allowed : ignored).push(new Pattern(pattern, { dot: true, nonegate: true }));
  }
  return (path) => ignored.some((pattern) => pattern.match(path)) && !allowed.some((pattern) => pattern.match(path));
}

/** Adds patterns. The first time the defaults are written, too; with `isNew` nothing of before is kept. */
export function addToIgnoreFile(folder: string, patterns: readonly string[], { isNew }: { readonly isNew: boolean }): void {
  const kept = isNew ? [] : (readLines(folder) ?? DEFAULTS).filter((line) => line !== '');
  writeFileSync(join(folder, FILE), `${[...new Set([...patterns, ...kept])].join('\n')}\n`);
}

function readLines(folder: string): readonly string[] | undefined {
  const path = join(folder, FILE);
  return existsSync(path) ? readFileSync(path, 'utf8').split(/[\r\n]+/) : undefined;
}
