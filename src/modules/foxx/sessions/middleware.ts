/**
 * The session middleware: finds the session that a request belongs to, and after the handlers tells the client which it is now.
 *
 * A storage keeps sessions, a transport carries their ids; both may be a service's own.
 */
import assert from 'node:assert';
import type { Environment } from '../../environment.ts';
import type { FoxxRequest } from '../request.ts';
import type { FoxxResponse } from '../response.ts';
import type { Next } from '../router.ts';
import { collectionStorage } from './collection-storage.ts';
import { cookieTransport } from './cookie-transport.ts';
import { headerTransport } from './header-transport.ts';
import type { SessionStorage, SessionTransport } from './session.ts';

interface SessionOptions {
  readonly storage?: unknown;
  readonly transport?: unknown;
  readonly autoCreate?: boolean;
}

export function createSessionsMiddleware({ db, console }: Environment): (options?: SessionOptions) => object {
  return (options = {}) => {
    for (const [wrong, right] of [
      ['storages', 'storage'],
      ['transports', 'transport'],
    ] as const) {
      if (wrong in options) console.warn(`the session middleware has no option "${wrong}"; "${right}" is meant perhaps`);
    }
    const storage = toStorage(options.storage, (given) => collectionStorage(db, given));
    const transports = toTransports(options.transport);
    const isAutomatic = options.autoCreate !== false;
    return {
      storage,
      transport: transports,
      register: () => (req: FoxxRequest, res: FoxxResponse, next: Next) => {
        const id = firstId(transports, req);
        const found = id ? storage.fromClient(id) : undefined;
        const session = found ?? (isAutomatic ? (storage.new?.() ?? {}) : null);
        req.sessionStorage = storage;
        req.session = session;
        const pending = next();
        const finish = (): void => announce(req.session, { hadSession: Boolean(session), storage, transports, res });
        if (pending instanceof Promise) return pending.then(finish);
        return finish();
      },
    };
  };
}

function announce(
  session: unknown,
  {
    hadSession,
    storage,
    transports,
    res,
  }: {
    readonly hadSession: boolean;
    readonly storage: SessionStorage;
    readonly transports: readonly SessionTransport[];
    readonly res: FoxxResponse;
  },
): void {
  if (!session) {
    if (hadSession) for (const transport of transports) transport.clear?.(res);
    return;
  }
  const id = storage.forClient(session);
  if (id) for (const transport of transports) transport.set?.(res, id);
}

function firstId(transports: readonly SessionTransport[], req: FoxxRequest): string | undefined {
  for (const transport of transports) {
    const id = transport.get?.(req);
    if (id) return id;
  }
  return undefined;
}

function toStorage(given: unknown, ofCollection: (collection: unknown) => SessionStorage): SessionStorage {
  assert(given, 'No session storage specified');
  const isCollection = typeof given === 'string' || (typeof given === 'object' && given !== null && 'isArangoCollection' in given);
  const storage = (isCollection ? ofCollection(given) : typeof given === 'function' ? (given() as unknown) : given) as SessionStorage;
  assert(
    typeof storage.forClient === 'function' && typeof storage.fromClient === 'function',
    'Session storage must have a forClient and fromClient method',
  );
  return storage;
}

function toTransports(given: unknown): SessionTransport[] {
  const transports = [given ?? []].flat().map((one: unknown) => {
    if (one === 'cookie') return cookieTransport();
    if (one === 'header') return headerTransport();
    const transport = (typeof one === 'function' ? (one() as unknown) : one) as SessionTransport;
    assert(
      typeof transport.get === 'function' || typeof transport.set === 'function',
      'Session transport must have a get and/or set method',
    );
    return transport;
  });
  assert(transports.length > 0, 'Must specify at least one session transport');
  return transports;
}
