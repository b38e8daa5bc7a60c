'use strict';
const { db } = require('@arangodb');

const name = module.context.collectionName('notes');
if (!db._collection(name)) db._createDocumentCollection(name);
module.context.collection('notes').ensureIndex({ type: 'persistent', fields: ['created'] });
