/**
 * What answers a request in a worker of the server: storage, databases, services and the HTTP API of this thread, put together.
 *
 * The first worker to come does what must be done once before anything is answered; the others wait for it.
 */
import { join } from 'node:path';
import { Jobs, type ApiContext } from '#api';
import { ArangoError, log, type Config, type HttpAnswer } from '#base';
import { joinSingle, type Cluster } from '#cluster';
import { openDatabases, type Databases } from '#database';
import { createFunctionCompiler } from '#modules';
import { Services } from '#services';
import { joinStorage } from '#storage';
import { createDispatch } from './dispatch.ts';
import type { CreateHandler } from './handler.ts';
import { HeldRequests } from './held.ts';
import { parseInstall } from './declared-services.ts';
import { aliveNote, type ServerShare } from './share.ts';

const SWEEP_MS = 5_000;

export const createHandler: CreateHandler = ({ index, config, endpoints, share, answerHere }) => {
  const shared = share as ServerShare;
  const engine = joinStorage(shared.storage);
  const cluster = joinSingle(shared.cluster, shared.name);
  const databases: Databases = openDatabases(engine, {
    queries: { planCacheEntries: 256, memoryLimitBytes: config['query.memory-limit'] },
    thread: index,
    queryMemory: shared.queries,
    compileFunction: createFunctionCompiler((name) => databases.get(name), endpoints),
  });
  const services = new Services({
    cluster,
    appPath: config['javascript.app-path'] || join(config['database.directory'], 'apps'),
    developmentReload: config['foxx.development-reload'],
    endpoints,
    request: (request) => {
      const answer = answerHere(request);
      if ('then' in answer)
        throw new ArangoError('ERROR_NOT_IMPLEMENTED', 'a service that answers later cannot be waited for in the same thread');
      return answer;
    },
  });
  startOnce(cluster, () => {
    createRoot(config, databases);
    services.start(allDatabases(databases));
    installDeclared(config, databases, services);
  });

  const context: ApiContext = {
    databases,
    services,
    cluster,
    jobs: new Jobs(() => databases.nextHeldId()),
    server: {
      serverId: shared.name,
      isAuthenticationOn: config['server.authentication'],
      isFoxxApiOn: config['foxx.api'] && config['foxx.enable'],
      allowsRemoteInstall: config['foxx.allow-install-from-remote'],
      endpoints,
      config,
    },
  };
  const dispatch = createDispatch(context, {
    isAuthenticationOn: config['server.authentication'],
    isAuthenticationForSystemOnly: config['server.authentication-system-only'],
    areServicesOn: config['foxx.enable'],
  });
  const held = new HeldRequests({
    index,
    channelName: shared.name,
    isAlive: (other) => cluster.note(aliveNote(other)) === 1n,
    answer: answerHere,
  });
  cluster.setNote(aliveNote(index), 1n);
  const timers = [setInterval(() => databases.sweep(), SWEEP_MS).unref()];
  if (index === 0) timers.push(setInterval(() => removeExpired(databases, config), config['ttl.frequency']).unref());

  return {
    handle: (request) => {
      const answer = held.passOn(request) ?? dispatch(request);
      return databases.takeSyncRequest() ? asDurable(answer) : answer;
    },
    whenDurable: (done) => engine.whenDurable(done),
    close: () => {
      for (const timer of timers) clearInterval(timer);
      cluster.setNote(aliveNote(index), 0n);
      held.close();
      databases.close();
      engine.close();
    },
  };
};

/** Something in it asked to be on disk before the answer, in whatever way it was written. */
function asDurable(answer: HttpAnswer | Promise<HttpAnswer>): HttpAnswer | Promise<HttpAnswer> {
  return 'then' in answer ? answer.then((later) => ({ ...later, isDurable: true })) : { ...answer, isDurable: true };
}

function startOnce(cluster: Cluster, action: () => void): void {
  cluster.withLock('start', () => {
    if (cluster.note('started') === 1n) return;
    action();
    cluster.setNote('started', 1n);
  });
}

/** A directory without users gets the one that may do everything. */
function createRoot(config: Config, { users }: Databases): void {
  if (users.find('root') !== undefined) return;
  users.create('root', { passwd: config['database.password'] });
  users.grantDatabase('root', '*', 'rw');
}

function allDatabases(databases: Databases): ReturnType<Databases['get']>[] {
  return databases.list().map((name) => databases.get(name));
}

/** Has the services that `--foxx.install` names; one that cannot be had is logged, and the server starts all the same. */
function installDeclared(config: Config, databases: Databases, services: Services): void {
  for (const declared of config['foxx.install']) {
    try {
      const { database, mount, path } = parseInstall(declared);
      if (services.ensure(databases.get(database), mount, path)) log.info('general', `installed the service at "${mount}" from ${path}`);
    } catch (error) {
      log.error('startup', `could not install "${declared}"`, error);
    }
  }
}

function removeExpired(databases: Databases, config: Config): void {
  try {
    databases.removeExpired({
      maxCollectionRemoves: config['ttl.max-collection-removes'],
      maxTotalRemoves: config['ttl.max-total-removes'],
    });
  } catch (error) {
    log.error('ttl', 'could not remove documents whose time has come', error);
  }
}
