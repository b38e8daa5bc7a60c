const a = require('./circle-a'); exports.name = 'b'; exports.sawDone = a.done === true;
