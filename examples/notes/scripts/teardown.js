'use strict';
const { db } = require('@arangodb');

db._drop(module.context.collectionName('notes'));
