/** `module.context`: a service's view of itself. Services put functions of their own on it, so it is an ordinary object. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert';
import { lookupType, type BodyType, type TypeName } from './body-types.ts';
import type { Endpoint } from './endpoint.ts';
import type { FoxxService } from './foxx-service.ts';
import { reverse } from './reverse.ts';
import type { Handler, Router } from './router.ts';
import type { PathValues } from './tree.ts';

export class FoxxContext {
  /** The arguments of a script. */
  argv: readonly unknown[];
  readonly service: FoxxService;
  /** Whether forwarded addresses are believed; undefined leaves it to the server's options. */
  trustProxy: boolean | undefined = undefined;

  constructor(service: FoxxService, argv: readonly unknown[]) {
    this.service = service;
    this.argv = argv;
  }

  get basePath(): string {
    return this.service.basePath;
  }

  get baseUrl(): string {
    return `/_db/${encodeURIComponent(this.service.database.name)}${this.mount}`;
  }

  get collectionPrefix(): string {
    return this.service.collectionPrefix;
  }

  get mount(): string {
    return this.service.mount;
  }

  get manifest(): FoxxService['manifest'] {
    return this.service.manifest;
  }

  get isDevelopment(): boolean {
    return this.service.isDevelopment;
  }

  get isProduction(): boolean {
    return !this.isDevelopment;
  }

  get configuration(): FoxxService['configuration'] {
    return this.service.configuration;
  }

  get dependencies(): FoxxService['dependencies'] {
    return this.service.dependencies;
  }

  use(...values: readonly unknown[]): Endpoint {
    return this.service.router.use(...values);
  }

  reverse(name: string, params?: PathValues | string, suffix?: string): string {
    return reverse(this.service.rootSteps, name, params, suffix);
  }

  /** `type` is a media type, an extension, a pattern or a predicate. */
  registerType(type: TypeName, handler: BodyType): void {
    assert(
      type instanceof RegExp || typeof type === 'string' || typeof type === 'function',
      'Type name must be a string, function or RegExp',
    );
    assert(typeof handler === 'object' && handler !== null, 'Type handler definition must be an object');
    for (const direction of ['forClient', 'fromClient'] as const) {
      const one = handler[direction];
      assert(!one || typeof one === 'function', `Type ${direction} handler must be a function, not ${typeof one}`);
    }
    if (handler.fromClient === undefined && 'toClient' in handler) {
      this.service.console.warn(`the handler of type "${String(type)}" has "toClient", which is never called: "forClient" is`);
    }
    const name = typeof type === 'string' ? lookupType(type) : type;
    this.service.types.delete(name);
    this.service.addType(name, handler);
  }

  fileName(name: string): string {
    return join(this.basePath, name);
  }

  /** A buffer without an encoding. */
  file(name: string, encoding?: BufferEncoding): Buffer | string {
    return this.service.readFile(() => readFileSync(this.fileName(name), encoding));
  }

  collectionName(name: string): string {
    const own = name
      .replaceAll(/[^a-z0-9]/gi, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, 64);
    assert(own.length > 0, `Cannot derive collection name from "${name}"`);
    return this.collectionPrefix + own;
  }

  /** `null` when there is none. */
  collection(name: string): unknown {
    return this.service.findCollection(this.collectionName(name));
  }

  /** A handler for `GET /path/*`; routers made by `createDocumentationRouter` are the newer way. */
  apiDocumentation(options?: unknown): Handler {
    return this.service.createDocumentation(options).handler;
  }

  createDocumentationRouter(options?: unknown): Router {
    return this.service.createDocumentation(options).router;
  }

  toJSON(): Record<string, unknown> {
    const { argv, basePath, baseUrl, collectionPrefix, configuration, isDevelopment, isProduction, manifest, mount } = this;
    return { argv, basePath, baseUrl, collectionPrefix, configuration, isDevelopment, isProduction, manifest, mount };
  }
}
