/**
 * Development mode with several coordinators: files are worked on at each of them alone, and whoever leaves the mode first makes a bundle of the files
 * of one. So each says what its files say (`states.ts`), and one that is about to put its files into the place of all asks the others first.
 *
 * A question is a value that the asker publishes, and so is each answer; they are taken back when it is over. It says which service it is about: that this one
 * is in development mode may be news that the other has not got round to yet.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { ArangoError } from '#base';
import type { Cluster } from '#cluster';
import { findFile, fingerprintOf } from './bundle.ts';
import type { ServiceFolders } from './folders.ts';
import { contentOfBundle, contentOfFolder, type ServiceStates } from './states.ts';

const ASKED = 'edits asked ';
const TOLD = 'edits told ';
const ANSWER_LIMIT_MS = 10_000;

type Place = readonly [database: string, mount: string];

export interface RivalsOptions {
  readonly cluster: Cluster;
  readonly folders: ServiceFolders;
  readonly states: ServiceStates;
}

export class Rivals {
  readonly #cluster: Cluster;
  readonly #folders: ServiceFolders;
  readonly #states: ServiceStates;

  constructor({ cluster, folders, states }: RivalsOptions) {
    this.#cluster = cluster;
    this.#folders = folders;
    this.#states = states;
  }

  get isWatched(): boolean {
    return this.#states.inDevelopment().length > 0;
  }

  /** Looks at the files of all services in development mode, and says what has changed. */
  watch(): void {
    for (const [database, mount] of this.#states.inDevelopment()) this.look(database, mount);
  }

  /** What the files of one say, if it is not what its bundle says; all others learn of it. Files are read only when one has changed. */
  look(database: string, mount: string): string | undefined {
    const live = this.#folders.live(database, mount);
    if (!existsSync(live)) return undefined;
    const bundle = this.#folders.bundle(database, mount);
    const note = `looked at edits of ${database} ${mount}`;
    const fingerprint = fingerprintOf(live) ^ BigInt(Math.floor(statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0));
    if (this.#cluster.note(note) === fingerprint) return this.#states.editsOf(database, mount);
    const content = contentOfFolder(live);
    const stored = findFile(bundle);
    const isSame = stored !== undefined && contentOfBundle(stored) === content;
    const edits = isSame ? undefined : content;
    this.#states.sayEdits(database, mount, edits);
    this.#cluster.setNote(note, fingerprint);
    return edits;
  }

  /** Coordinators that have been found to work on the service, too, and have other files. */
  known(database: string, mount: string): readonly string[] {
    return this.#states.rivals(database, mount, this.look(database, mount));
  }

  /** The same, once all others have looked. Throws ERROR_CLUSTER_TIMEOUT (1457) when one does not answer. */
  ask(database: string, mount: string): readonly string[] {
    const cluster = this.#cluster;
    const token = randomUUID();
    const others = (): readonly string[] =>
      cluster
        .members()
        .filter(({ isAlive, isSelf }) => isAlive && !isSelf)
        .map(({ id }) => id);
    if (others().length === 0) return [];
    cluster.publish(ASKED + token, JSON.stringify([database, mount] satisfies Place));
    cluster.announce('edits');
    try {
      const missing = (): readonly string[] => {
        const told = new Set(cluster.published(TOLD + token).map(({ member }) => member));
        return others().filter((id) => !told.has(id));
      };
      const isAnswered = (): boolean => {
        // Two that ask each other at the same moment would wait for each other.
        this.answer();
        return missing().length === 0;
      };
      if (!cluster.waitUntil(isAnswered, ANSWER_LIMIT_MS)) {
        const message = `coordinators that may have edits of ${mount} do not answer: ${missing().join(', ')}`;
        throw new ArangoError('ERROR_CLUSTER_TIMEOUT', { message });
      }
    } finally {
      cluster.publish(ASKED + token, undefined);
      cluster.announce('edits');
    }
    return this.known(database, mount);
  }

  /** Answers the questions of others. To be called when something was announced about edits. */
  answer(): void {
    const cluster = this.#cluster;
    const asked = new Map(
      cluster
        .published(ASKED)
        .filter(({ member }) => member !== cluster.id)
        .map(({ name, value }) => [name.slice(ASKED.length), placeOf(value)]),
    );
    const told = new Set(
      cluster
        .published(TOLD)
        .filter(({ member }) => member === cluster.id)
        .map(({ name }) => name.slice(TOLD.length)),
    );
    const isNew = [...asked.keys()].some((token) => !told.has(token));
    if (isNew) this.watch();
    for (const [token, place] of asked) {
      if (told.has(token)) continue;
      if (place !== undefined) this.look(...place);
      cluster.publish(TOLD + token, 'all');
    }
    for (const token of told) if (!asked.has(token)) cluster.publish(TOLD + token, undefined);
  }
}

/** Undefined for the question of a version that did not say what it is about. */
function placeOf(question: string): Place | undefined {
  return question.startsWith('[') ? (JSON.parse(question) as Place) : undefined;
}

/** Of somebody whose edits would be lost. */
export function rivalWarning(mount: string, rivals: readonly string[]): string {
  return `the service at ${mount} is in development on other coordinators as well, with other files: ${rivals.join(', ')}`;
}
