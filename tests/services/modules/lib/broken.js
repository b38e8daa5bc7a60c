throw new TypeError('in a module');
