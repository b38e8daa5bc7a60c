#!/usr/bin/env node
import { load } from './load.js';

const { foxx } = await load('cli/foxx/program');
await foxx(process.argv.slice(2));
