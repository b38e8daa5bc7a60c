/**
 * Errors of the disk, as clients know them.
 */
import { constants } from 'node:os';
import { ArangoError } from '#base';

const { ENOSPC, EDQUOT, EFBIG } = constants.errno;
const FULL = new Set<number | string>([ENOSPC, EDQUOT, EFBIG, 'ENOSPC', 'EDQUOT', 'EFBIG']);

/** LMDB's errors and the system's carry a `code`, a number or a name. */
export function asStorageError(error: unknown): ArangoError {
  if (error instanceof ArangoError) return error;
  const { code, message } = error as { readonly code?: number | string; readonly message: string };
  const isFull = code !== undefined && FULL.has(code);
  return new ArangoError(isFull ? 'ERROR_ARANGO_FILESYSTEM_FULL' : 'ERROR_ARANGO_IO_ERROR', message, { cause: error });
}
