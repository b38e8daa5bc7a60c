/** Services as the HTTP API tells of them. */
import type { Manifest } from '#modules';
import type { ValueObject } from '#values';
import type { TestReport } from './gate.ts';
import type { ServiceInstance } from './instance.ts';
import { isLegacy } from './manifest.ts';
import type { Definition, DevelopmentReload, ServiceOptions, Version } from './store.ts';

/** What `GET /_api/foxx` tells of a service. */
export interface ServiceSummary {
  readonly mount: string;
  readonly name?: string;
  readonly version?: string;
  readonly provides: Readonly<Record<string, string>>;
  readonly development: boolean;
  readonly legacy: boolean;
}

/** What `GET /_api/foxx/service` tells. */
export interface ServiceDescription {
  readonly mount: string;
  readonly path: string;
  readonly name?: string;
  readonly version?: string;
  readonly development: boolean;
  readonly legacy: boolean;
  readonly manifest: Manifest;
  readonly checksum?: string;
  readonly options: ValueObject;
  /** After an atomic activation. */
  readonly activation?: Activated;
  /** What whoever asked for a change should know. */
  readonly warnings?: readonly string[];
}

export interface Activated {
  /** Those that have loaded the version, and all serve it. */
  readonly coordinators: readonly string[];
  /** Of the service's own tests, when they were asked for. */
  readonly tests?: TestReport;
}

/** What `GET /_api/foxx/states` tells of a service. */
export interface ServiceState {
  readonly mount: string;
  /** `unknown`: nobody has used it yet. */
  readonly state: 'ready' | 'unconfigured' | 'broken' | 'unknown';
  readonly development: boolean;
  readonly reload: DevelopmentReload;
  /** Names of required configuration and dependencies without a value. */
  readonly missing?: readonly string[];
  readonly problem?: string;
}

/** What `GET /_api/foxx/versions` tells of a version. */
export interface ServiceVersion extends Version {
  readonly current: boolean;
  readonly checksum?: string;
  readonly development: boolean;
  readonly configuration: ValueObject;
  readonly dependencies: ServiceOptions['dependencies'];
}

/** Undefined for a service whose manifest cannot be read. */
export function summarize(service: ServiceInstance): ServiceSummary | undefined {
  const manifest = service.findManifest();
  if (manifest === undefined) return undefined;
  return {
    mount: service.definition.mount,
    ...named(manifest),
    provides: manifest.provides ?? {},
    development: service.isDevelopment,
    legacy: isLegacy(manifest),
  };
}

/** Throws what is wrong with the service's manifest. */
export function describe(service: ServiceInstance): ServiceDescription {
  const { checksum, mount } = service.definition;
  const manifest = service.readManifest();
  return {
    mount,
    path: service.folder,
    ...named(manifest),
    development: service.isDevelopment,
    legacy: isLegacy(manifest),
    manifest,
    ...(checksum === undefined ? {} : { checksum }),
    options: {},
  };
}

/** `loads`: what nobody has used yet is loaded to be seen. */
export function describeState(service: ServiceInstance, { loads }: { readonly loads: boolean }): ServiceState {
  const { known, isDevelopment, reload } = service;
  const state = known.is === 'not loaded' && loads ? service.state : known;
  const common = { mount: service.definition.mount, development: isDevelopment, reload };
  switch (state.is) {
    case 'loaded':
      return { ...common, state: 'ready' };
    case 'not loaded':
      return { ...common, state: 'unknown' };
    case 'unconfigured':
      return { ...common, state: 'unconfigured', missing: state.missing };
    case 'broken':
      return { ...common, state: 'broken', problem: state.error.message };
  }
}

/** The newest first: that is the one that is served. `manifest` is that of its files. */
export function describeVersions({ version, checksum, options, former }: Definition, manifest: Manifest | undefined): ServiceVersion[] {
  const describeOne = (each: Version, sum: string | undefined, kept: ServiceOptions): ServiceVersion => ({
    ...each,
    current: each === version,
    ...(sum === undefined ? {} : { checksum: sum }),
    development: kept.development,
    configuration: kept.configuration,
    dependencies: kept.dependencies,
  });
  const current = describeOne(version, checksum, options);
  const isTold = version.name !== undefined || manifest === undefined;
  return [
    isTold ? current : { ...named(manifest), ...current },
    ...former.map(({ checksum: sum, options: kept, ...each }) => describeOne(each, sum, kept)),
  ];
}

function named({ name, version }: Manifest): { readonly name?: string; readonly version?: string } {
  return { ...(name === undefined ? {} : { name }), ...(version === undefined ? {} : { version }) };
}
