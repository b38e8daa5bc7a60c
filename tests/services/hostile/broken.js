'use strict';
throw new Error('while it is required');
