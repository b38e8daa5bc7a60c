/**
 * What can be installed, in foxx-manager's words: a local path, `http(s)://…`, `git:user/repository[:tag]`, `EMPTY` for a new service, or
 * the name of one in the store.
 */
import { existsSync } from 'node:fs';
import { zipFiles } from '../bundle.ts';
import { Failure } from '../failure.ts';
import { filesOf, type NewService } from '#offers';
import { readSource } from '../source.ts';
import type { Store } from './store.ts';

export async function readAppInfo(appInfo: string, options: Readonly<Record<string, unknown>>, store: Store): Promise<Buffer> {
  if (appInfo === 'EMPTY') return emptyService(options);
  const git = /^git:([^/:]+\/[^/:]+)(?::(.+))?$/i.exec(appInfo);
  if (git !== null) return readSource(`https://github.com/${git[1]}/archive/${git[2] ?? 'master'}.zip`);
  if (existsSync(appInfo) || /^https?:\/\//i.test(appInfo)) return readSource(appInfo);
  const [name = '', version] = appInfo.split(':');
  const location = /^[-\w]+$/.test(name) ? await store.locate(name, version) : undefined;
  if (location === undefined) throw new Failure(`Service not found: ${appInfo} is no path, no address and not in the store`);
  return readSource(location);
}

function emptyService(options: Readonly<Record<string, unknown>>): Promise<Buffer> {
  const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
  const names = options['collectionNames'];
  const service: NewService = {
    name: text('name') ?? 'MyApp',
    version: '0.0.1',
    engines: '^3.0.0',
    description: text('description') ?? 'An empty service',
    license: text('license') ?? 'Apache-2.0',
    author: text('author') ?? 'Author',
    documentCollections: Array.isArray(names) ? names.map(String) : [],
    edgeCollections: [],
    hasRoutes: true,
    isExample: false,
  };
  return zipFiles(new Map(filesOf(service).map(([path, content]) => [path, Buffer.from(content)])));
}
