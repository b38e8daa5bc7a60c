#!/usr/bin/env node
import { load } from './load.js';

const { foxxManager } = await load('cli/foxx-manager/program');
await foxxManager(process.argv.slice(2));
