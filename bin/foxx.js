#!/usr/bin/env node
import { foxx } from '../dist/src/cli/foxx/program.js';
await foxx(process.argv.slice(2));
