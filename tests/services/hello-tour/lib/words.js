'use strict';
exports.hello = 'Hello from a local module';
