'use strict';
const { db } = require('@arangodb');
const notes = module.context.collectionName('notes');
if (!db._collection(notes)) db._createDocumentCollection(notes);
