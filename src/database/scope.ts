/** Whose rights count, and where. */
export interface Scope {
  readonly databaseName: string;
  /** undefined: the server itself, which may do anything. */
  readonly user: string | undefined;
}

/** May `scope` use what was made in `other`? The server itself may use everybody's. */
export function mayUseOf(scope: Scope, other: Scope): boolean {
  return scope.databaseName === other.databaseName && (scope.user === undefined || scope.user === other.user);
}
