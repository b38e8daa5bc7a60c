/** The door of `offers`. */
export { emptyRouter, crudRouter, emptyScript, emptyTest, filesOf, type NewService } from './template.ts';
export { findVersion, isDescription, newestVersion, readDescriptions, type StoreEntry, type StoreVersion } from './store.ts';
