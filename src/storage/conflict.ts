/** What an engine throws when another commit came in between: as an ArangoError it is what clients are told, and whoever can try again knows it by its class. */
import { ArangoError } from '#base';

export class StorageConflict extends ArangoError {
  constructor(detail = 'write-write conflict', options?: ErrorOptions) {
    super('ERROR_ARANGO_CONFLICT', detail, options);
  }
}
