/**
 * The services of one database as this thread knows them: re-read when the version of services has grown, which costs one load from
 * shared memory a request. What did not change stays loaded. A coordinator that does not know whether it is still one reads them
 * each time.
 */
import { findMount } from './mount.ts';
import { ServiceInstance, type Surroundings } from './instance.ts';
import { readDefinitions, type Definition } from './store.ts';

export interface Closing {
  /** The mount whose next version is about to be served. */
  readonly mount: string;
  readonly token: string;
}

export interface Target {
  readonly mount: string;
  readonly service: ServiceInstance;
  readonly closing: Closing | undefined;
}

export class DatabaseServices {
  readonly #around: Surroundings;
  #version = -1;
  /** The version of others before the definitions were read. */
  #elsewhere = -1;
  #byMount: ReadonlyMap<string, ServiceInstance> = new Map();
  #closed: ReadonlyMap<string, Closing> = new Map();
  /** They are to be read anew, whatever is known of versions. */
  #isDue = false;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get all(): Iterable<ServiceInstance> {
    this.#refresh();
    return this.#byMount.values();
  }

  at(mount: string): ServiceInstance | undefined {
    this.#refresh();
    return this.#byMount.get(mount);
  }

  /** The service with the longest mount above a path. */
  above(path: string): readonly [mount: string, service: ServiceInstance] | undefined {
    this.#refresh();
    return findMount(this.#byMount, path);
  }

  /** The same for a request: `closing` is there when none may begin. */
  target(path: string): Target | undefined {
    const found = this.above(path);
    if (found === undefined) return undefined;
    const [mount, service] = found;
    return { mount, service, closing: this.#closed.size === 0 ? undefined : this.#closed.get(mount) };
  }

  /** The same when the definitions have been read anew. */
  targetNow(path: string): Target | undefined {
    this.#isDue = true;
    return this.target(path);
  }

  /** The activation that lets no request to the service at a mount begin, if there is one. */
  closingOf(mount: string): Closing | undefined {
    this.#refresh();
    return this.#closed.get(mount);
  }

  /** Forgets what is loaded, so that every service is loaded anew. */
  reset(): void {
    for (const instance of this.#byMount.values()) instance.close();
    this.#version = -1;
    this.#byMount = new Map();
  }

  #refresh(): void {
    const { cluster, database } = this.#around;
    const version = cluster.version('services');
    // What opens a closed mount may be news of others, which is worth a look before this coordinator has taken it over.
    const isNews = this.#closed.size > 0 && cluster.versionElsewhere('services') !== this.#elsewhere;
    if (version === this.#version && cluster.isCurrent && !isNews && !this.#isDue) return;
    // Inside a transaction the past is seen; whoever has begun one goes on with what there was then.
    if (this.#version !== -1 && database.isInTransaction) return;
    const elsewhere = cluster.versionElsewhere('services');
    const definitions = readDefinitions(database);
    const next = new Map<string, ServiceInstance>();
    for (const definition of definitions) {
      const known = this.#byMount.get(definition.mount);
      const isSame = known?.definition.identity === definition.identity;
      next.set(definition.mount, isSame ? known : new ServiceInstance(definition, this.#around));
    }
    const changed = dependents(definitions, (mount) => next.get(mount) !== this.#byMount.get(mount));
    for (const { definition } of next.values())
      if (changed.has(definition.mount) && next.get(definition.mount) === this.#byMount.get(definition.mount))
        next.set(definition.mount, new ServiceInstance(definition, this.#around));
    const replaced = [...this.#byMount.values()].filter((known) => next.get(known.definition.mount) !== known);
    this.#byMount = next;
    this.#closed = closings(definitions);
    this.#version = version;
    this.#elsewhere = elsewhere;
    this.#isDue = false;
    for (const instance of replaced) instance.close();
  }
}

/** The closed mounts, and those of services that use what is behind one. */
function closings(definitions: readonly Definition[]): ReadonlyMap<string, Closing> {
  const closed = new Map<string, Closing>();
  for (const { mount, closedBy: token } of definitions) {
    if (token === undefined) continue;
    for (const user of dependents(definitions, (other) => other === mount)) closed.set(user, { mount, token });
  }
  return closed;
}

/** The mounts that something is so of, and those that depend on them, however indirectly. */
function dependents(definitions: readonly Definition[], isSo: (mount: string) => boolean): ReadonlySet<string> {
  const found = new Set(definitions.map(({ mount }) => mount).filter(isSo));
  const needs = definitions.map(({ mount, options }) => ({ mount, others: Object.values(options.dependencies).flat() }));
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const { mount, others } of needs) if (others.some((other) => found.has(other) || isSo(other))) found.add(mount);
  }
  return found;
}
