/** `.foxxrc`: the servers that a person has given names to, in the format and at the place of foxx-cli. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'ini';

export interface SavedServer {
  readonly url?: string | undefined;
  readonly database?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly version?: string | undefined;
}

interface RcFile {
  readonly server: Record<string, SavedServer>;
  readonly [section: string]: unknown;
}

function rcPath(): string {
  return process.env['FOXXRC_PATH'] ?? join(homedir(), '.foxxrc');
}

export function readRcFile(): RcFile {
  const path = rcPath();
  const content = existsSync(path) ? parse(readFileSync(path, 'utf8')) : {};
  return { ...content, server: (content['server'] ?? {}) as Record<string, SavedServer> };
}

/** It may hold passwords: nobody else may read it. */
export function writeRcFile(content: RcFile): void {
  writeFileSync(rcPath(), stringify(content), { mode: 0o600 });
}
