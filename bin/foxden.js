#!/usr/bin/env node
import { FOXDEN_TOOLS } from '../dist/src/cli/foxden/tools.js';

const args = process.argv.slice(2);
if (FOXDEN_TOOLS.has(args[0] ?? '')) await (await import('../dist/src/cli/foxden/program.js')).foxdenTool(args);
else await (await import('./load.js')).main(args);
