'use strict';
const { context } = require('@arangodb/locals');
const { db } = require('@arangodb');
if (!db._collection(context.collectionName('todos'))) db._createDocumentCollection(context.collectionName('todos'));
