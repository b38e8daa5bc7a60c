'use strict';
throw Object.assign(new Error('of a script'), { statusCode: 409 });
