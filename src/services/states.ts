/**
 * What each coordinator has of each service, for all to see: published values, one for a service that it has. Who changes a service, or takes it over,
 * says so; who asks compares that with the database.
 *
 * In development mode that includes a fingerprint of what the files say, if it is not what the stored bundle says: so it is seen when a service
 * is being worked on in two places.
 */
import { createHash } from 'node:crypto';
import type { Cluster } from '#cluster';
import { readFiles, readFolder } from './bundle.ts';
import type { Definition } from './store.ts';

/** What a coordinator says of a service. */
interface Saying {
  readonly identity: string;
  readonly checksum?: string | undefined;
  readonly is: LocalState;
  readonly development: boolean;
  readonly edits?: string | undefined;
}

/** `missing`, `outdated`: the files that belong to the definition cannot be had. */
export type LocalState = 'current' | 'broken' | 'missing' | 'outdated';

/** As `GET /_api/foxx` tells it. */
export interface CoordinatorState {
  readonly id: string;
  readonly checksum?: string;
  readonly state: LocalState;
  readonly development: boolean;
  /** There are changes in development mode that are in no bundle: equal for equal files. */
  readonly edits?: string;
}

const PREFIX = 'service ';

export class ServiceStates {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Says how a service stands here. What is known of its edits stays while it is in development mode. */
  say(database: string, { mount, identity, checksum, options: { development } }: Definition, is: LocalState): void {
    const before = this.#own(database, mount);
    const edits = development ? before?.edits : undefined;
    this.#publish(database, mount, { identity, checksum, is, development, edits });
  }

  /** Says how the files of a service stand here. A service that could not be loaded is none the better for having all of them. */
  sayFiles(database: string, definition: Definition, is: LocalState): void {
    const before = this.#own(database, definition.mount);
    const isBroken = is === 'current' && before?.is === 'broken' && before.identity === definition.identity;
    this.say(database, definition, isBroken ? 'broken' : is);
  }

  sayEdits(database: string, mount: string, edits: string | undefined): void {
    const before = this.#own(database, mount);
    if (before !== undefined && before.edits !== edits) this.#publish(database, mount, { ...before, edits });
  }

  /** The service is not here any more. */
  unsay(database: string, mount: string): void {
    if (this.#own(database, mount) !== undefined) this.#cluster.publish(nameOf(database, mount), undefined);
  }

  /** What this coordinator has said of the services of a database: by mount, the identity of the definition that it has taken over. */
  taken(database: string): ReadonlyMap<string, string> {
    const own = this.#cluster.published(PREFIX).filter(({ member }) => member === this.#cluster.id);
    return new Map(
      own.flatMap(({ name, value }) => {
        const [ofDatabase, mount] = parseName(name);
        return ofDatabase === database ? [[mount, parse(value).identity] as const] : [];
      }),
    );
  }

  /** How services of a database stand on every living coordinator, as is known at this moment. */
  everywhere(database: string): (definition: Definition) => readonly CoordinatorState[] {
    const said = new Map(this.#cluster.published(PREFIX).map(({ member, name, value }) => [`${member} ${name}`, value]));
    const ids = this.#cluster
      .members()
      .filter(({ isAlive, isSelf }) => isAlive || isSelf)
      .map(({ id }) => id);
    return ({ mount, identity, options: { development } }) =>
      ids.map((id): CoordinatorState => {
        const value = said.get(`${id} ${nameOf(database, mount)}`);
        if (value === undefined) return { id, state: 'missing', development };
        const saying = parse(value);
        return {
          id,
          ...(saying.checksum === undefined ? {} : { checksum: saying.checksum }),
          state: saying.identity === identity ? saying.is : 'outdated',
          development: saying.development,
          ...(saying.edits === undefined ? {} : { edits: saying.edits }),
        };
      });
  }

  /** The services that this coordinator has in development mode. */
  inDevelopment(): readonly (readonly [database: string, mount: string])[] {
    return this.#cluster
      .published(PREFIX)
      .filter(({ member, value }) => member === this.#cluster.id && parse(value).development)
      .map(({ name }) => parseName(name));
  }

  /** What this coordinator has said of its edits. */
  editsOf(database: string, mount: string): string | undefined {
    return this.#own(database, mount)?.edits;
  }

  /** Others whose edits are not the same as these. */
  rivals(database: string, mount: string, edits: string | undefined): readonly string[] {
    return this.#cluster
      .published(nameOf(database, mount))
      .filter(({ member }) => member !== this.#cluster.id)
      .filter(({ value }) => {
        const theirs = parse(value).edits;
        return theirs !== undefined && theirs !== edits;
      })
      .map(({ member }) => member);
  }

  #own(database: string, mount: string): Saying | undefined {
    const name = nameOf(database, mount);
    const own = this.#cluster.published(name).find((value) => value.member === this.#cluster.id && value.name === name);
    return own === undefined ? undefined : parse(own.value);
  }

  #publish(database: string, mount: string, saying: Saying): void {
    this.#cluster.publish(nameOf(database, mount), JSON.stringify(saying));
  }
}

/** Of what files say, whenever and wherever they were written. */
export function contentOf(files: Iterable<readonly [path: string, bytes: Uint8Array]>): string {
  const hash = createHash('sha256');
  for (const [path, bytes] of [...files].toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    hash.update(`${path}\0${bytes.length}\0`);
    hash.update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}

export function contentOfFolder(folder: string): string {
  return contentOf(readFolder(folder));
}

/** Of what would be unpacked. */
export function contentOfBundle(bundle: Uint8Array): string {
  return contentOf(readFiles(bundle).map(({ path, read }) => [path, read()] as const));
}

function nameOf(database: string, mount: string): string {
  return PREFIX + JSON.stringify([database, mount]);
}

function parseName(name: string): readonly [database: string, mount: string] {
  return JSON.parse(name.slice(PREFIX.length)) as [string, string];
}

function parse(value: string): Saying {
  return JSON.parse(value) as Saying;
}
