#!/usr/bin/env node
import { FOXDEN_TOOLS } from '../dist/src/cli/foxden/tools.js';
import { load } from './load.js';

const args = process.argv.slice(2);
if (FOXDEN_TOOLS.has(args[0] ?? '')) await (await load('cli/foxden/program')).foxdenTool(args);
else await (await load('main')).main(args);
