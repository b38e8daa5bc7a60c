'use strict';
// Answers later, which its caller does not show.
module.exports = (req, res) => new Promise((done) => setTimeout(done, 5)).then(() => res.json('hidden'));
