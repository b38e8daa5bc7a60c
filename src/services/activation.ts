/**
 * Atomic activation: all coordinators change to a version together, or none does. One coordinator leads, with the lock of the mount held.
 *
 *   stage   The version is proposed. Each coordinator takes its bundle over, loads it in a worker and says so, or why it cannot.
 *   close   The definition in the database says that the mount is closed. Each coordinator lets no request to it begin from then on, and
 *           says so. Requests wait; those under way end as they began.
 *   flip    One transaction puts the new definition in the place of the closed one, and that opens the mount. Who sees it goes on with it.
 *
 * So a request that begins once somebody has seen an answer of the new version finds the mount closed or the new version, never the old one.
 * Where nothing was before there is nothing to close: whoever finds no service below a proposed mount looks into the database
 * (`isProposed`), until all coordinators have said that they have read the definition.
 *
 * What has been decided is in the database alone. The flip happens only if the mount is still closed by this very activation; whoever has
 * waited too long opens it again, in a transaction as well, and one of the two wins. Proposals and what is said to them are published: they
 * go with the coordinator that made them, and nobody relies on them for more than to know when to go on.
 *
 * A coordinator that was taken for dead is not waited for. It begins no request before it has a new lease and has read all definitions.
 */
import { randomUUID } from 'node:crypto';
import { ArangoError, describeError, findErrorName, isArangoError, log } from '#base';
import type { Cluster } from '#cluster';
import type { Database } from '#database';
import type { Value } from '#values';
import { checksumOf, unpackBundle } from './bundle.ts';
import { lockOfFiles, type ServiceFolders } from './folders.ts';
import { healService, placeFiles } from './heal.ts';
import { findMount } from './mount.ts';
import {
  changeStore,
  closeMount,
  findBundle,
  findDefinition,
  openMount,
  writeBundle,
  type Definition,
  type ServiceOptions,
} from './store.ts';

/** For loading a version on all coordinators. */
const STAGE_LIMIT_MS = 120_000;

const PROPOSAL = 'activation proposal ';
const LOADED = 'activation loaded ';
const CLOSED = 'activation closed ';

/** A version that is to be served. */
export interface Candidate {
  readonly bundle: Uint8Array;
  readonly options: ServiceOptions;
}

interface Proposal {
  readonly token: string;
  readonly database: string;
  readonly mount: string;
  readonly checksum: string;
  readonly options: ServiceOptions;
  /** The bundle is in the database. */
  readonly isStored: boolean;
  /** It is served where nothing was served before. */
  readonly isNew: boolean;
}

/** What a coordinator says of a proposal. */
interface Saying {
  readonly database: string;
  readonly mount: string;
  readonly checksum: string;
  readonly failure?: ActivationFailure | undefined;
}

/** Why a coordinator cannot serve a version. */
export interface ActivationFailure {
  readonly coordinator: string;
  readonly errorNum: number;
  readonly errorMessage: string;
}

/** No coordinator has changed to the new version. It has the number of the first failure. */
export class ActivationError extends ArangoError {
  readonly failures: readonly ActivationFailure[];

  constructor(mount: string, failures: readonly ActivationFailure[], options?: ErrorOptions) {
    const [first] = failures;
    const lines = failures.map(({ coordinator, errorMessage }) => `Coordinator ${coordinator}: ${errorMessage}`);
    const message = [`the new version of the service was not activated on any coordinator`, `Mount: ${mount}`, ...lines].join('\n');
    super(findErrorName(first?.errorNum ?? 4) ?? 'ERROR_INTERNAL', { message }, options);
    this.failures = failures;
  }
}

/** An error as what one coordinator says. */
export function failureOf(coordinator: string, error: unknown): ActivationFailure {
  const { errorNum, errorMessage } = isArangoError(error)
    ? error
    : new ArangoError('ERROR_MODULE_FAILURE', { message: describeError(error) });
  return { coordinator, errorNum, errorMessage };
}

export interface ActivationsOptions {
  readonly cluster: Cluster;
  readonly folders: ServiceFolders;
  /** How long a request waits at a closed mount. Then the mount is opened, whatever has become of its activation. */
  readonly waitMs: number;
  readonly findDatabase: (name: string) => Database | undefined;
  /** Loads a version from a folder that is not its own, and lets go of it. Throws what keeps it from being served; a promise when that takes. */
  readonly tryLoad: (database: Database, mount: string, folder: string, options: ServiceOptions) => void | Promise<void>;
}

export class Activations {
  readonly #options: ActivationsOptions;
  /** What this thread is loading, and waits for. */
  readonly #loading = new Set<string>();
  /** What is proposed, as of the last news of activations. */
  #proposed: { readonly news: number; readonly proposals: readonly Proposal[] } = { news: -1, proposals: [] };

  constructor(options: ActivationsOptions) {
    this.#options = options;
  }

  /** The checksums of bundles that are proposed, and may be part of no definition yet. Whatever is stored now and is not among them is not. */
  proposedChecksums(): readonly string[] {
    this.#options.cluster.lookAgain();
    return this.#proposals().map(({ proposal }) => proposal.checksum);
  }

  /**
   * Has all coordinators change to a version of which this one knows that it can be loaded, with the lock of the mount held. `flip` writes the
   * definition of the bundle with that checksum. Returns the coordinators; throws `ActivationError`, and nobody has changed.
   */
  lead(
    database: Database,
    mount: string,
    candidate: Candidate,
    flip: (old: Definition | undefined, checksum: string) => void,
  ): readonly string[] {
    const { cluster, folders } = this.#options;
    const token = randomUUID();
    const { bundle, options } = candidate;
    const propose = (checksum: string, isStored: boolean, isNew = false): Proposal => {
      const proposal = { token, database: database.name, mount, checksum, options, isStored, isNew };
      cluster.publish(proposalName(proposal), JSON.stringify(proposal));
      return proposal;
    };
    let proposal = propose(checksumOf(bundle), false);
    try {
      // All can see the proposal before the bundle is there, which would be taken for one that nobody needs.
      cluster.lookAgain();
      const stored = cluster.withLock(`store ${database.name}`, () => changeStore(database, () => writeBundle(database, bundle)));
      proposal = propose(stored.checksum, true);
      cluster.announce('activations');
      folders.makeReady(database.name, mount, stored, (folder) => unpackBundle(stored.bundle, folder));
      const staged = this.#waitFor(proposal, LOADED, STAGE_LIMIT_MS);
      const old = findDefinition(database, mount);
      if (old !== undefined) {
        closeMount(database, mount, token);
        cluster.announceHere('services');
        cluster.announce('activations');
        // Whoever joins from here on reads that it is closed.
        cluster.lookAgain();
        // Less than a request waits, so that this one gives up first.
        this.#waitFor(proposal, CLOSED, this.#options.waitMs / 2);
      }
      cluster.checkHeld(lockOfMount(database.name, mount));
      this.#flip(database, proposal, stored.bundle, flip);
      const place = (): void => placeFiles(folders, database.name, mount, stored.bundle);
      cluster.withLock(lockOfFiles(database.name, mount), place, { isLocal: true });
      if (old === undefined) this.#untilRead(propose(stored.checksum, true, true));
      return staged;
    } catch (error) {
      this.#giveUp(database, proposal);
      throw error;
    } finally {
      cluster.publish(proposalName(proposal), undefined);
      cluster.announce('activations');
    }
  }

  #flip(
    database: Database,
    { token, mount, checksum }: Proposal,
    bundle: Uint8Array,
    flip: (old: Definition | undefined, checksum: string) => void,
  ): void {
    const { cluster } = this.#options;
    const tooLate = (cause?: unknown): ActivationError => {
      const error = new ArangoError(
        'ERROR_CLUSTER_TIMEOUT',
        `${mount} was closed for longer than ${this.#options.waitMs / 1000} s, and requests went on`,
      );
      return new ActivationError(mount, [failureOf(cluster.id, error)], { cause });
    };
    try {
      changeStore(database, () => {
        const old = findDefinition(database, mount);
        if (old !== undefined && old.closedBy !== token) throw tooLate();
        if (findBundle(database, checksum) === undefined) writeBundle(database, bundle);
        flip(old, checksum);
      });
    } catch (error) {
      // Somebody opened the mount at the same moment.
      throw isArangoError(error) && error.errorNum === 1200 ? tooLate(error) : error;
    }
  }

  /** It is decided: who has not read of it after a while will have heard of it in another way. */
  #untilRead(proposal: Proposal): void {
    const { cluster, waitMs } = this.#options;
    cluster.announceHere('services');
    cluster.announce('activations');
    try {
      this.#waitFor(proposal, CLOSED, waitMs / 2);
    } catch (error) {
      log.warning('general', `Not all coordinators have said that they know the new service at "${proposal.mount}".`, error);
    }
  }

  /** What cannot be undone here is by others: whoever waits at the mount opens it, and so does healing. */
  #giveUp(database: Database, { token, mount, checksum }: Proposal): void {
    try {
      this.#options.folders.removeReady(database.name, mount, checksum);
      this.open(database, mount, token);
    } catch (error) {
      log.warning('general', `The mount "${mount}" may be closed for a while: its activation has failed, and so has opening it.`, error);
    }
  }

  /** Waits until all other coordinators have said that they are so far. Returns the ids of all. */
  #waitFor({ token, mount }: Proposal, step: typeof LOADED | typeof CLOSED, waitMs: number): readonly string[] {
    const { cluster } = this.#options;
    // One whose lease has ended may come back as it was, until it has been taken for dead.
    const others = (): readonly string[] =>
      cluster
        .members()
        .filter(({ isOver, isSelf }) => !isOver && !isSelf)
        .map(({ id }) => id);
    const said = (): ReadonlyMap<string, Saying> =>
      new Map(cluster.published(step + token).map(({ member, value }) => [member, JSON.parse(value) as Saying]));
    let missing: readonly string[] = [];
    let failures: readonly ActivationFailure[] = [];
    const isSo = (): boolean => {
      const answers = said();
      failures = [...answers.values()].flatMap(({ failure }) => failure ?? []);
      missing = others().filter((id) => !answers.has(id));
      if (missing.length === 0 || failures.length > 0) return true;
      // Two that wait for each other would wait for ever.
      this.#attendMeanwhile();
      return false;
    };
    if (!cluster.waitUntil(isSo, waitMs)) {
      const what = step === LOADED ? 'has not loaded it' : 'has not closed the mount';
      const late = new ArangoError('ERROR_CLUSTER_TIMEOUT', `it ${what} within ${waitMs / 1000} s`);
      failures = [...failures, ...missing.map((id) => failureOf(id, late))];
    }
    if (failures.length > 0) throw new ActivationError(mount, failures);
    return [cluster.id, ...others()].toSorted();
  }

  /** Opens a mount that an activation has closed, if it still is. */
  open(database: Database, mount: string, token: string): void {
    try {
      openMount(database, mount, token);
    } catch (error) {
      // Whoever was quicker has opened it, one way or the other.
      if (!isArangoError(error) || error.errorNum !== 1200) throw error;
    }
    this.#options.cluster.announce('services');
  }

  /** Whether something is about to be served at a mount above a path, or has just come to be. */
  isProposed(database: string, path: string): boolean {
    const { cluster } = this.#options;
    if (!cluster.isShared) return false;
    // All that is published is read only when there are news: any path that is not there comes by here.
    const news = cluster.version('activations') + cluster.versionElsewhere('activations');
    if (this.#proposed.news !== news) this.#proposed = { news, proposals: this.#proposals().map(({ proposal }) => proposal) };
    const mounts = this.#proposed.proposals.filter((proposal) => proposal.database === database);
    return findMount(new Map(mounts.map(({ mount }) => [mount, true])), path) !== undefined;
  }

  /** Opens what was closed by activations that nobody leads any more. */
  openForsaken(database: Database, definitions: readonly Definition[]): void {
    const closed = definitions.filter(({ closedBy }) => closedBy !== undefined);
    if (closed.length === 0) return;
    this.#options.cluster.lookAgain();
    const tokens = new Set(this.#proposals().map(({ proposal }) => proposal.token));
    for (const { mount, closedBy = '' } of closed) if (!tokens.has(closedBy)) this.open(database, mount, closedBy);
  }

  /** Does what the activations of other coordinators want of this one. To be called when something about activations was announced. */
  attend(): void {
    const { cluster } = this.#options;
    if (!cluster.isShared) return;
    for (const { member, proposal } of this.#proposals()) if (member !== cluster.id && proposal.isStored) this.#attendTo(proposal);
    const tokens = new Set(this.#proposals().map(({ proposal }) => proposal.token));
    for (const step of [LOADED, CLOSED]) {
      for (const { member, name, value } of cluster.published(step)) {
        if (member !== cluster.id || tokens.has(name.slice(step.length))) continue;
        if (step === LOADED) this.#tidyUp(JSON.parse(value) as Saying);
        cluster.publish(name, undefined);
      }
    }
  }

  /** What is wrong with another's activation is no reason for this one to fail; it is attended to again. */
  #attendMeanwhile(): void {
    try {
      this.attend();
    } catch (error) {
      log.warning('general', 'Could not attend to what other coordinators activate.', error);
    }
  }

  #attendTo(proposal: Proposal): void {
    const { cluster, findDatabase } = this.#options;
    const { token, mount, checksum } = proposal;
    const database = findDatabase(proposal.database);
    const isSaid = (step: string): boolean => cluster.published(step + token).some(({ member }) => member === cluster.id);
    const say = (step: string, failure?: ActivationFailure): void =>
      cluster.publish(step + token, JSON.stringify({ database: proposal.database, mount, checksum, failure } satisfies Saying));
    const attend = (): void => {
      if (!isSaid(LOADED) && !this.#loading.has(token)) {
        const failure = this.#load(database, proposal);
        if (failure instanceof Promise) {
          this.#loading.add(token);
          void failure.then((late) => say(LOADED, late)).finally(() => this.#loading.delete(token));
        } else say(LOADED, failure);
      }
      if (isSaid(CLOSED) || database === undefined) return;
      if (!proposal.isNew && findDefinition(database, mount)?.closedBy !== token) return;
      // From here on no thread of this process begins a request without having read that.
      cluster.announceHere('services');
      say(CLOSED);
    };
    cluster.withLock(`activation ${proposal.database} ${mount}`, attend, { isLocal: true });
  }

  /** After an activation: what was made ready here gets its place, or goes. */
  #tidyUp({ database: name, mount, checksum }: Saying): void {
    const { cluster, folders, findDatabase } = this.#options;
    const tidyUp = (): void => {
      const database = findDatabase(name);
      const definition = database && findDefinition(database, mount);
      if (database !== undefined && definition?.checksum === checksum) healService(database, folders, definition);
      const isSame = ({ proposal }: { readonly proposal: Proposal }): boolean =>
        proposal.database === name && proposal.mount === mount && proposal.checksum === checksum;
      // The same version may have been proposed again since.
      if (!this.#proposals().some(isSame)) folders.removeReady(name, mount, checksum);
    };
    cluster.withLock(lockOfFiles(name, mount), tidyUp, { isLocal: true });
  }

  /** Takes a proposed version over and loads it. */
  #load(
    database: Database | undefined,
    { mount, checksum, options }: Proposal,
  ): ActivationFailure | undefined | Promise<ActivationFailure | undefined> {
    const { cluster, folders, tryLoad } = this.#options;
    const fail = (error: unknown): ActivationFailure => {
      log.warning('general', `The proposed version of the service at "${mount}" cannot be loaded: ${describeError(error)}`, error);
      if (database !== undefined) folders.removeReady(database.name, mount, checksum);
      return failureOf(cluster.id, error);
    };
    try {
      if (database === undefined) throw new ArangoError('ERROR_ARANGO_DATABASE_NOT_FOUND');
      const bundle = findBundle(database, checksum);
      if (bundle === undefined) throw new ArangoError('ERROR_SERVICE_FILES_MISSING', `there is no bundle ${checksum} in the database`);
      if (checksumOf(bundle) !== checksum)
        throw new ArangoError('ERROR_SERVICE_FILES_OUTDATED', `the bundle ${checksum} is damaged in the database`);
      const folder = folders.makeReady(database.name, mount, { checksum, bundle }, (empty) => unpackBundle(bundle, empty));
      return tryLoad(database, mount, folder, options)?.then(() => undefined, fail);
    } catch (error) {
      return fail(error);
    }
  }

  #proposals(): readonly { readonly member: string; readonly proposal: Proposal }[] {
    return this.#options.cluster.published(PROPOSAL).map(({ member, value }) => ({ member, proposal: JSON.parse(value) as Proposal }));
  }
}

/** The lock of whoever changes what is served at a mount. */
export function lockOfMount(database: string, mount: string): string {
  return `service ${database} ${mount}`;
}

/** One a mount: a thread that dies leaves its own to be overwritten. */
function proposalName({ database, mount }: Pick<Proposal, 'database' | 'mount'>): string {
  return `${PROPOSAL}${JSON.stringify([database, mount] satisfies Value)}`;
}
