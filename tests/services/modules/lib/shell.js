#!/usr/bin/env node
module.exports = "after a line for the shell";
