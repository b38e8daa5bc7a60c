/** Mount paths: which are legal, and what files and collections are called after them. */
import { ArangoError } from '#base';

/** The rules of the mount path in ArangoDB's order, each with its message (`Mointpoint` is theirs). */
const RULES: readonly { readonly holds: (mount: string) => boolean; readonly otherwise: string }[] = [
  { holds: (mount) => mount.startsWith('/'), otherwise: 'Mountpoint has to start with /.' },
  { holds: (mount) => /^(\/[a-zA-Z0-9_\-%]+)+$/.test(mount), otherwise: 'Mountpoint can only contain a-z, A-Z, 0-9 or _.' },
  { holds: (mount) => !mount.startsWith('/_') || mount.startsWith('/_open/'), otherwise: '/_ apps are reserved for internal use.' },
  { holds: (mount) => !/^\/[0-9\-%]/.test(mount), otherwise: 'Mointpoints are not allowed to start with a number, - or %.' },
  { holds: (mount) => !/\/app(\/|$)/i.test(mount), otherwise: 'Mountpoint is not allowed to contain /app/.' },
];

/** Longer than any file system takes as one path; what is refused here would fail later and half-way. */
const LONGEST_MOUNT = 1024;
const LONGEST_SEGMENT = 200;

/** Throws 3007 unless a new service may be mounted there. */
export function checkMount(mount: string): void {
  const broken = RULES.find(({ holds }) => !holds(mount));
  if (broken !== undefined) throw new ArangoError('ERROR_INVALID_MOUNTPOINT', { message: `invalid mountpath\n${broken.otherwise}` });
  if (mount.length > LONGEST_MOUNT || mount.split('/').some((segment) => segment.length > LONGEST_SEGMENT)) {
    throw new ArangoError('ERROR_INVALID_MOUNTPOINT', {
      message: `invalid mountpath\nMountpoint is longer than ${LONGEST_MOUNT} characters, or one of its parts longer than ${LONGEST_SEGMENT}.`,
    });
  }
}

export function isSystemMount(mount: string): boolean {
  return mount.startsWith('/_');
}

/** `/my-foxx/v1` is `my_foxx_v1`: the name of the bundle's file, and with `_` behind it the prefix of the service's collections. */
export function mountName(mount: string): string {
  return mount.replace(/^\//, '').replace(/[-.:/]/g, '_');
}

/**
 * The longest mount that a path lies at or below, or undefined. `mounts` is asked for `/a/b/c`, then `/a/b`, then `/a`.
 */
export function findMount<Service>(
  mounts: ReadonlyMap<string, Service>,
  path: string,
): readonly [mount: string, service: Service] | undefined {
  let candidate = path.endsWith('/') ? path.slice(0, -1) : path;
  while (candidate.length > 1) {
    const service = mounts.get(candidate);
    if (service !== undefined) return [candidate, service];
    candidate = candidate.slice(0, candidate.lastIndexOf('/'));
  }
  return undefined;
}
