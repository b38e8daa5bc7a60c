'use strict';
// Fails as often as its data say.
const { times } = module.context.argv[0];
const notes = module.context.collection('notes');
const before = notes.byExample({ what: 'try', job: module.context.argv[1] }).toArray().length;
notes.save({ what: 'try', job: module.context.argv[1], at: Date.now() });
if (before < times) throw Object.assign(new Error(`try ${before + 1} fails`), { statusCode: 418 });
