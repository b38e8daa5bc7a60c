/** What this server is: its own version, and that of the ArangoDB whose interface it has. */
import { readFileSync } from 'node:fs';

/** The version of ArangoDB whose interface this is: what clients and services are told, and what `engines` are compared with. */
export const ARANGODB_VERSION = '3.12.5';

/** foxden's own version, as in `package.json`. */
export function foxdenVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}
