'use strict';
const { db } = require('@arangodb');
const name = module.context.collectionName('texts');
if (!db._collection(name)) {
  const texts = db._create(name);
  for (let i = 0; i < 10; i++) texts.save({ text: `entry ${i} from collection texts` });
}
