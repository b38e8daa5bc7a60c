/** Configuration and dependencies of services: what their manifests ask for, and what administrators have set. */
import type { Database } from '#database';
import type { Manifest } from '#modules';
import type { Value, ValueObject } from '#values';
import { changeConfiguration, changeDependencies, parseConfiguration, readableName, type Changed } from './configuration.ts';
import { ServiceInstance } from './instance.ts';
import type { MountChanges } from './mount-changes.ts';
import { getDefinition, type ServiceOptions } from './store.ts';
import type { ThreadServices } from './thread-services.ts';

/** For each value that was not taken. */
export type Warnings = Changed<unknown>['warnings'];

interface SetOptions {
  /** What is not given is forgotten. */
  readonly isReplace: boolean;
}

export class Settings {
  readonly #services: ThreadServices;
  readonly #changes: MountChanges;

  constructor(services: ThreadServices, changes: MountChanges) {
    this.#services = services;
    this.#changes = changes;
  }

  /** Throws 3009. */
  configuration(database: Database, mount: string): ValueObject {
    const service = this.#services.get(database, mount);
    const manifest = service.readManifest();
    const { configuration: raw } = service.definition.options;
    const current = parseConfiguration(manifest, raw);
    return mapEntries(manifest.configuration, (definition, name) => ({
      ...(definition as unknown as ValueObject),
      title: readableName(name),
      ...(name in current ? { current: current[name] ?? null } : {}),
      ...(name in raw ? { currentRaw: raw[name] ?? null } : {}),
    }));
  }

  /** Throws 3009. */
  dependencies(database: Database, mount: string): ValueObject {
    const service = this.#services.get(database, mount);
    const { dependencies: raw } = service.definition.options;
    return mapEntries(service.readManifest().dependencies, (definition, alias) => ({
      ...(definition as unknown as ValueObject),
      title: readableName(alias),
      ...(alias in raw ? { current: raw[alias] ?? null } : {}),
    }));
  }

  /** Throws 3009. */
  setConfiguration(database: Database, mount: string, values: ValueObject, { isReplace }: SetOptions): Warnings | Promise<Warnings> {
    return this.#set(database, mount, 'configuration', (manifest, { development, configuration }) =>
      changeConfiguration(manifest, configuration, values, { isReplace, keepsUnknown: development }),
    );
  }

  /** Throws 3009. */
  setDependencies(database: Database, mount: string, values: ValueObject, { isReplace }: SetOptions): Warnings | Promise<Warnings> {
    return this.#set(database, mount, 'dependencies', (manifest, { development, dependencies }) =>
      changeDependencies(manifest, dependencies, values, { isReplace, keepsUnknown: development }),
    );
  }

  #set<Key extends 'configuration' | 'dependencies'>(
    database: Database,
    mount: string,
    key: Key,
    change: (manifest: Manifest, options: ServiceOptions) => Changed<ServiceOptions[Key]>,
  ): Warnings | Promise<Warnings> {
    return this.#changes.inTurn(database, mount, () => {
      let warnings: Warnings = {};
      this.#changes.change(database, mount, (around) => {
        const definition = getDefinition(database, mount);
        const changed = change(new ServiceInstance(definition, around).readManifest(), definition.options);
        ({ warnings } = changed);
        this.#changes.writeSettings(database, { ...definition, options: { ...definition.options, [key]: changed.raw } });
      });
      return warnings;
    });
  }
}

function mapEntries<Item>(map: Readonly<Record<string, Item>>, change: (item: Item, name: string) => Value): ValueObject {
  return Object.fromEntries(Object.entries(map).map(([name, item]) => [name, change(item, name)]));
}
