/** The door of `modules`. */
export { checkModule, loadService, runScript, runStoredFunction } from './run.ts';
export { unavailable, type Unavailability } from './foxx/answers.ts';
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
} from './service.ts';
