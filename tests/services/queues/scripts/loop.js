'use strict';
module.context.collection('notes').save({ what: 'loop', job: module.context.argv[1] });
for (;;);
