'use strict';
const db = require('@arangodb').db;
if (!db._collection('inventory_api')) db._createDocumentCollection('inventory_api');
