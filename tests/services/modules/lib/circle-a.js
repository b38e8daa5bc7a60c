exports.name = 'a'; exports.b = require('./circle-b').name; exports.done = true;
