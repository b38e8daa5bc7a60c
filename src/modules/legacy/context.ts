/**
 * `applicationContext`, a service of ArangoDB 2.8 as it sees itself. Newer code finds the same object as `module.context`.
 *
 * Controllers say which routes they add by telling their context: while a controller's file runs, `prefix` is where the manifest puts it.
 */
import assert from 'node:assert';
import { join } from 'node:path';
import type { Db } from '../arangodb/db.ts';
import { FoxxContext } from '../foxx/context.ts';
import type { FoxxService } from '../foxx/foxx-service.ts';
import { isWithin } from '../loader/resolve.ts';

/** What controllers reach through the context they are given. */
export interface ContextSurroundings {
  readonly db: Db;
  exportsOf(mount: string): unknown;
}

export class LegacyContext extends FoxxContext {
  prefix = '/';
  readonly #surroundings: ContextSurroundings;

  constructor(service: FoxxService, argv: readonly unknown[], surroundings: ContextSurroundings) {
    super(service, argv);
    this.#surroundings = surroundings;
  }

  get db(): Db {
    return this.#surroundings.db;
  }

  get name(): string | undefined {
    return this.service.manifest.name;
  }

  get version(): string | undefined {
    return this.service.manifest.version;
  }

  get options(): { readonly configuration: object; readonly development: boolean; readonly trace?: boolean } {
    return { configuration: this.configuration, development: this.isDevelopment };
  }

  /** Throws for a name that leads out of the service's folder. */
  override fileName(name: string): string {
    const path = join(this.basePath, name);
    assert(path === this.basePath || isWithin(this.basePath, path), `"${name}" is not in the folder of the service`);
    return path;
  }

  foxxFilename(name: string): string {
    return this.fileName(name);
  }

  path(name: string): string {
    return join(this.basePath, name);
  }

  /** What the service at a mount exports; throws 3009. */
  exportsOf(mount: string): unknown {
    return this.#surroundings.exportsOf(mount);
  }
}
