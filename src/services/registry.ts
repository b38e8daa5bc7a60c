/**
 * The services of one database as this thread knows them: re-read when the version of services has grown, which costs one load from
 * shared memory a request. What did not change stays loaded.
 */
import { findMount } from './mount.ts';
import { ServiceInstance, type Surroundings } from './instance.ts';
import { readDefinitions } from './store.ts';

export class DatabaseServices {
  readonly #around: Surroundings;
  #version = -1;
  #byMount: ReadonlyMap<string, ServiceInstance> = new Map();

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

  /** Forgets what is loaded, so that every service is loaded anew. */
  reset(): void {
    for (const instance of this.#byMount.values()) instance.close();
    this.#version = -1;
    this.#byMount = new Map();
  }

  #refresh(): void {
    const version = this.#around.cluster.version('services');
    if (version === this.#version) return;
    const next = new Map<string, ServiceInstance>();
    for (const definition of readDefinitions(this.#around.database)) {
      const known = this.#byMount.get(definition.mount);
      next.set(definition.mount, known?.definition.rev === definition.rev ? known : new ServiceInstance(definition, this.#around));
    }
    for (const [mount, instance] of next) {
      const needs = Object.values(instance.definition.options.dependencies).flat();
      if (needs.some((other) => next.get(other) !== this.#byMount.get(other)))
        next.set(mount, new ServiceInstance(instance.definition, this.#around));
    }
    const replaced = [...this.#byMount.values()].filter((known) => next.get(known.definition.mount) !== known);
    this.#byMount = next;
    this.#version = version;
    for (const instance of replaced) instance.close();
  }
}
