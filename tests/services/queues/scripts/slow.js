'use strict';
// Says when it begins and ends, so that a test can see what ran at the same time.
const { sleep } = require('internal');
const notes = module.context.collection('notes');
const [data, job] = module.context.argv;
notes.save({ what: 'begin', job, at: Date.now() });
if (data.until) while (!notes.exists(data.until)) sleep(0.02);
else sleep(data.ms / 1000);
notes.save({ what: 'end', job, at: Date.now() });
