/**
 * Handlers for tests: a worker that answers, waits, loops, fills its memory or breaks, as the path says.
 */
import { existsSync, writeFileSync, writeSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { ArangoError, type HttpAnswer, type HttpRequest } from '#base';
import type { CreateHandler } from '#worker';

const JSON_TYPE = { 'content-type': 'application/json' };

function json(value: unknown, status = 200): HttpAnswer {
  return { status, headers: JSON_TYPE, body: JSON.stringify(value) };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function fillMemory(): never {
  const kept: unknown[] = [];
  for (;;) kept.push({ more: Array.from({ length: 1000 }, (_, index) => ({ index })) });
}

export const createHandler: CreateHandler = ({ index, config, endpoints, answerHere }) => {
  if (config['temp.path'] === '/fail at start') throw new Error('this handler does not start');
  let runs = 0;
  const waitingForDisk: (() => void)[] = [];

  const routes: Record<string, (request: HttpRequest, query: URLSearchParams) => HttpAnswer | Promise<HttpAnswer>> = {
    '/hello': () => json({ hello: 'world' }),
    '/echo': ({ method, url, headers, body, remoteAddress, isSecure }) =>
      json({ method, url, headers, body: Buffer.from(body).toString('latin1'), remoteAddress, isSecure }),
    '/worker': () => json({ index, endpoints, runs: ++runs }),
    '/digest': ({ body }) => json({ bytes: body.length, sha1: createHash('sha1').update(body).digest('hex') }),
    '/bytes': (_, query) => ({ status: 200, headers: {}, body: Buffer.alloc(Number(query.get('count')), 'x') }),
    '/text': (_, query) => ({ status: 200, headers: {}, body: 'é'.repeat(Number(query.get('count'))) }),
    '/answer': (_, query) => ({
      status: Number(query.get('status')),
      headers: JSON.parse(query.get('headers') ?? '{}') as HttpAnswer['headers'],
      body: query.get('body') ?? '',
    }),
    '/block': (_, query) => {
      block(Number(query.get('ms')));
      return json({ index });
    },
    /** Blocks from when the file is there until it is gone. */
    '/hold': (_, query) => {
      const file = query.get('file') ?? '';
      writeFileSync(file, '');
      while (existsSync(file)) block(5);
      return json({ index });
    },
    /** The same, while its thread does other things. */
    '/hold-later': async (_, query) => {
      const file = query.get('file') ?? '';
      writeFileSync(file, '');
      while (existsSync(file)) await sleep(5);
      return json({ index });
    },
    '/later': async (_, query) => {
      await sleep(Number(query.get('ms')));
      return json({ index });
    },
    '/rejects': async () => {
      await sleep(1);
      throw new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND');
    },
    '/never': () => new Promise(() => undefined),
    '/throws': () => {
      throw new TypeError('a secret of the service');
    },
    '/refuses': () => {
      throw new ArangoError('ERROR_ARANGO_CONFLICT', 'somebody was faster');
    },
    '/loop': () => {
      for (;;);
    },
    '/loops-later': async () => {
      await sleep(1);
      for (;;);
    },
    '/memory': () => fillMemory(),
    '/exit': () => process.exit(7),
    '/stray': () => {
      setImmediate(() => {
        throw new Error('a stray exception');
      });
      void Promise.reject(new Error('a stray rejection'));
      return json({ index });
    },
    '/self': async (request) => json({ own: (await answerHere({ ...request, url: '/worker' })).body }),
    '/durable': () => ({ ...json({ index }), isDurable: true }),
    '/log': (_, query) => {
      writeSync(2, `${query.get('text')}\n`);
      return json({});
    },
  };

  return {
    handle: (request) => {
      const [path = '', query] = request.url.split('?');
      const route = routes[path];
      return route === undefined ? json({ error: true }, 404) : route(request, new URLSearchParams(query));
    },
    // As storage does: those that come together share one turn.
    whenDurable: (done) => {
      if (waitingForDisk.push(() => done()) > 1) return;
      setTimeout(() => {
        for (const each of waitingForDisk.splice(0)) each();
      }, 20);
    },
    close: () => undefined,
  };
};
