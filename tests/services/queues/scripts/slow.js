'use strict';
// Says when it begins and ends, so that a test can see what ran at the same time.
const { sleep, time } = require('internal');
const notes = module.context.collection('notes');
const [data, job] = module.context.argv;
notes.save({ what: 'begin', job, at: Date.now() });
const until = time() + (data.ms || 100) / 1000;
sleep(until - time());
notes.save({ what: 'end', job, at: Date.now() });
