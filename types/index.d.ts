/**
 * What a Foxx service finds at run time, for TypeScript: the modules `@arangodb/*`, and the names that are there without an import.
 *
 * Add `"types": ["@foxden/types", "node"]` to the `compilerOptions` of a tsconfig. Of each module what is declared is what foxden has; a test of
 * foxden compares both.
 */
/// <reference path="./arangodb.d.ts" />
/// <reference path="./foxx.d.ts" />
/// <reference path="./modules.d.ts" />
/// <reference path="./globals.d.ts" />
