'use strict';
const createRouter = require('@arangodb/foxx/router');
const { addRoutes } = require('./lib/routes.js');

const router = createRouter();
addRoutes(router);
module.context.use(router);
