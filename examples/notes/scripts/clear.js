'use strict';

const notes = module.context.collection('notes');
const removed = notes.count();
notes.truncate();
module.exports = { removed };
