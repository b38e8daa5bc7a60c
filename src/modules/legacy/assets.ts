/**
 * `assets` of a manifest: files that are sent as one. `{"app.js": {"files": ["lib/a.js", "src/**"]}}`; `/**` stands for all files below
 * a folder, in the order of their names. They are read at each request, and may be other files in development by then.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpAnswer } from '#base';
import { mimeTypes } from '../foxx/libraries.ts';
import { isWithin } from '../loader/resolve.ts';
import { listTree } from '../node/fs.ts';

interface Asset {
  readonly files?: readonly string[];
  readonly contentType?: string;
}

export class Assets {
  readonly #basePath: string;
  readonly #assets = new Map<string, Asset>();

  constructor(basePath: string, given: unknown) {
    this.#basePath = basePath;
    for (const [path, asset] of Object.entries((given ?? {}) as Readonly<Record<string, Asset>>)) {
      if (asset.files !== undefined) this.#assets.set(`/${path.replaceAll(/^\/+|\/+$/g, '')}`, asset);
    }
  }

  /** Undefined for a path that is that of no asset. */
  answer(path: string): HttpAnswer | undefined {
    const asset = this.#assets.get(path);
    if (asset === undefined) return undefined;
    const { files = [], contentType } = asset;
    const [first = ''] = files;
    const type = contentType ?? (mimeTypes().contentType(path.split('/').at(-1) ?? '') || mimeTypes().contentType(first) || 'text/plain');
    const body = files.flatMap((pattern) => this.#expand(pattern)).map((file) => `${readFileSync(file, 'utf8')}\n`);
    return { status: 200, headers: { 'content-type': type }, body: body.join('') };
  }

  #expand(pattern: string): string[] {
    const isTree = pattern.endsWith('/**');
    const target = join(this.#basePath, isTree ? pattern.slice(0, -'/**'.length) : pattern);
    if (target !== this.#basePath && !isWithin(this.#basePath, target)) return [];
    const found = isTree && statSync(target, { throwIfNoEntry: false })?.isDirectory() ? listTree(target).toSorted() : [''];
    return found.map((name) => join(target, name)).filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  }
}
