'use strict';
const todos = require('@arangodb/locals').context.collection('todos');
if (todos) todos.drop();
