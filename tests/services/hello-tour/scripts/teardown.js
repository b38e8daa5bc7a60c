'use strict';
require('@arangodb').db._drop(module.context.collectionName('texts'));
