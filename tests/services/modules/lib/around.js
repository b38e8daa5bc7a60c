module.exports = [__filename.split('/').pop(), __dirname.split('/').pop(), typeof require, module.context.mount, this === exports];
