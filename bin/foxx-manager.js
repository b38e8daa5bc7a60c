#!/usr/bin/env node
import { foxxManager } from '../dist/src/cli/foxx-manager/program.js';
await foxxManager(process.argv.slice(2));
