/** The door of `modules`. */
export type {
  CheckModule,
  ConfigurationDefinition,
  DependencyDefinition,
  LoadedService,
  LoadService,
  Manifest,
  RunScript,
  ServiceHost,
  ServiceRequest,
  ServiceSource,
} from './service.ts';
