/** The door of `modules`. */
export { reportUncaught } from './environment.ts';
export { checkModule, loadService, runScript, runStoredFunction, runTests } from './run.ts';
export { idiomaticReport, REPORTERS, type Reporter } from './mocha/reporters.ts';
export type { TestOptions } from './mocha/service-tests.ts';
export { createFunctionCompiler } from './user-functions.ts';
export { unavailable, unknownPath, type Unavailability } from './foxx/answers.ts';
export type {
  CheckModule,
  ConfigurationDefinition,
  DependencyDefinition,
  JobHost,
  LoadedService,
  LoadService,
  Manifest,
  RunScript,
  ServiceDirectory,
  ServiceHost,
  ServiceRequest,
  ServiceSource,
  Task,
  TaskHost,
  TaskOptions,
} from './service.ts';
export { policyOf, type ServicePolicy } from './policy.ts';
export { restrictThread } from './node/restricted.ts';
export { toOpenApi } from './foxx/openapi.ts';
