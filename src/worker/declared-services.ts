/** The form of `--foxx.install`: `[database:]/mount=path`. */
import { isAbsolute, resolve } from 'node:path';
import { ArangoError } from '#base';

export interface DeclaredService {
  readonly database: string;
  readonly mount: string;
  /** Absolute. */
  readonly path: string;
}

/** Throws 10 for another form. */
export function parseInstall(text: string): DeclaredService {
  const found = /^(?:([^:/=]+):)?(\/[^=]*)=(.+)$/.exec(text);
  if (found === null) throw new ArangoError('ERROR_BAD_PARAMETER', `--foxx.install wants [database:]/mount=path and has "${text}"`);
  const [, database = '_system', mount = '', path = ''] = found;
  return { database, mount, path: isAbsolute(path) ? path : resolve(path) };
}
