/**
 * The three errors of the module system: 3100 (there is no such module), 3101 (it does not parse), 3103 (it threw). Their messages are
 * the stock text and lines with what was found, as ArangoDB writes them; the original error is the cause.
 *
 * A module that fails because one that it requires failed passes that error on unchanged, so the innermost module is named.
 */
import { ArangoError, errorMessage, type ErrorName } from '#base';
import { locateError } from './stack.ts';

const moduleErrors = new WeakSet<Error>();

export function isModuleError(error: unknown): error is ArangoError {
  return error instanceof Error && moduleErrors.has(error);
}

function moduleError(name: ErrorName, details: readonly string[], cause?: unknown): ArangoError {
  const error = new ArangoError(name, { message: [errorMessage(name), ...details].join('\n') }, cause === undefined ? {} : { cause });
  moduleErrors.add(error);
  return error;
}

/** A file that a manifest names and that is not there. */
export function missingFile(path: string): ArangoError {
  return moduleError('ERROR_MODULE_NOT_FOUND', [`File: ${path}`]);
}

/**
 * `searched` are the places that were looked at. npm packages that try optional dependencies ask for `code === 'MODULE_NOT_FOUND'`,
 * so that is what the error has while it travels through service code.
 */
export function moduleNotFound(request: string, requiredBy: string, searched: readonly string[]): ArangoError {
  const error = moduleError('ERROR_MODULE_NOT_FOUND', [
    `File: ${request}`,
    `Required by: ${requiredBy}`,
    ...(searched.length === 0 ? [] : ['Searched:', ...searched.map((path) => `  ${path}`)]),
  ]);
  Object.defineProperty(error, 'code', { value: 'MODULE_NOT_FOUND', writable: true, enumerable: true, configurable: true });
  return error;
}

/** As Node has it: whoever requires gets the exports at once, and this module has none yet. */
export function pendingModule(path: string, requiredBy: string): ArangoError {
  return moduleError('ERROR_MODULE_FAILURE', [
    'Reason: it awaits something at its top level, and can be imported but not required',
    `File: ${path}`,
    `Required by: ${requiredBy}`,
  ]);
}

/** A type that is imported like a value is none: TypeScript leaves such imports away, unless they are used as one. */
export function missingExport(specifier: string, name: string, importedBy: string): Error {
  return new SyntaxError(`The requested module '${specifier}' does not provide an export named '${name}' (imported by ${importedBy})`);
}

export function moduleSyntaxError(path: string, cause: unknown): ArangoError {
  const location = locateError(cause, (found) => found === path);
  return moduleError('ERROR_MODULE_SYNTAX_ERROR', [`File: ${path}`, ...(location ? [`Line: ${location.line}`] : [])], cause);
}

export function moduleFailure(path: string, cause: unknown): ArangoError {
  const location = locateError(cause, (found) => found === path);
  return moduleError(
    'ERROR_MODULE_FAILURE',
    [
      `Reason: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`,
      `File: ${path}`,
      ...(location ? [`Line: ${location.line}`, `Column: ${location.column}`] : []),
    ],
    cause,
  );
}

/** Gives an error that leaves service code the numeric code again that answers are made with. */
export function settleModuleError(error: unknown): unknown {
  if (isModuleError(error)) error.code = 400;
  return error;
}
