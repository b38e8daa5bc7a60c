/** Names that every module of a service has. `module.context` is there in CommonJS and in ES modules. */

declare namespace NodeJS {
  interface Module {
    readonly context: import('@arangodb/locals').Context;
  }
}

interface ImportMeta {
  readonly context: import('@arangodb/locals').Context;
}

interface Console {
  /** A line for each line of the text. */
  logLines(...values: readonly unknown[]): void;
  infoLines(...values: readonly unknown[]): void;
  debugLines(...values: readonly unknown[]): void;
  warnLines(...values: readonly unknown[]): void;
  errorLines(...values: readonly unknown[]): void;
  /** An error with its stack and its causes. */
  infoStack(error: unknown, message?: string): void;
  warnStack(error: unknown, message?: string): void;
  errorStack(error: unknown, message?: string): void;
  /** `topic=level` */
  topic(topicAndLevel: string, ...values: readonly unknown[]): void;
}

declare function print(...values: readonly unknown[]): void;
