/** Views need ArangoSearch, which foxden has not: whoever makes one is told so, over HTTP and in services alike. */
import { ArangoError } from '#base';

export function viewsMissing(): ArangoError {
  return new ArangoError('ERROR_NOT_IMPLEMENTED', { message: 'views are not implemented: use indexes and FILTER in the place of SEARCH' });
}
