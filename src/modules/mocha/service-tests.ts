/** The tests of a service: which files they are, and their run with the service's context. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { loadPackage } from '../loader/bundled.ts';
import { listTree } from '../node/fs.ts';
import type { Environment } from '../environment.ts';
import { report, type Reporter } from './reporters.ts';
import { runMocha } from './run.ts';

export interface TestOptions {
  readonly reporter?: Reporter | undefined;
  readonly filter?: string | undefined;
}

/** A promise only when a test is asynchronous. */
export function runServiceTests(environment: Environment, { reporter = 'default', filter }: TestOptions): unknown {
  const { root } = environment;
  const { manifest, mount } = environment.source;
  const names = new Set<string>();
  const load = (file: string, globals: Readonly<Record<string, unknown>>): unknown => {
    for (const [name, value] of Object.entries(globals)) {
      environment.global[name] = value;
      names.add(name);
    }
    const module = environment.loader.run(file);
    return module.pending === undefined ? module.exports : module.pending.then(() => module.exports);
  };
  const finish = (): void => {
    for (const name of names) delete environment.global[name];
  };
  let result;
  try {
    result = runMocha({ files: findTestFiles(root, manifest.tests), filter, load });
  } catch (error) {
    finish();
    throw error;
  }
  if (!(result instanceof Promise)) {
    finish();
    return report(reporter, result, mount);
  }
  return result.finally(finish).then((ended) => report(reporter, ended, mount));
}

/** Each file once, in the order of the patterns. A pattern without `*` is a path. */
export function findTestFiles(folder: string, patterns: readonly string[]): string[] {
  const found = new Set<string>();
  let all: readonly string[] | undefined;
  for (const pattern of patterns) {
    if (!pattern.includes('*')) {
      found.add(join(folder, pattern));
      continue;
    }
    const minimatch = loadPackage('minimatch') as (path: string, pattern: string, options: object) => boolean;
    all ??= listTree(folder)
      .filter((path) => !path.split('/').includes('node_modules'))
      .toSorted();
    const wanted = pattern.replace(/^\.?\//, '');
    for (const path of all) {
      if (minimatch(path, wanted, { dot: true }) && statSync(join(folder, path)).isFile()) found.add(join(folder, path));
    }
  }
  return [...found];
}
