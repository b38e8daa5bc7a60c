/** What this server is: its own version, and that of the ArangoDB whose interface it has. */
import { readFileSync } from 'node:fs';

/** The version of ArangoDB whose interface this is: what clients and services are told, and what `engines` are compared with. */
export const ARANGODB_VERSION = '3.12.5';

const [major = 0, minor = 0, patch = 0] = ARANGODB_VERSION.split('.').map(Number);

/** The same as `x-arango-version` and `req.arangoVersion` have it. */
export const ARANGODB_VERSION_NUMBER = major * 10_000 + minor * 100 + patch;

/** foxden's own version, as in `package.json`. */
export function foxdenVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}
