// Writes docs/reference/functions.md from the table of AQL's functions.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.js';

await prepare();

const { functionReference } = await import('../dist/src/aql/functions/reference.js');
const folder = join(root, 'docs/reference');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'functions.md'), functionReference());
