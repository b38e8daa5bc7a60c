'use strict';
// Notes what it was called with; the last argument is the id of the job.
module.context.collection('notes').save({ what: 'note', argv: module.context.argv, at: Date.now() });
module.exports = { noted: module.context.argv[0] };
