'use strict';
module.exports = Promise.resolve('later');
