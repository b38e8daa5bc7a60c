module.exports = "after a mark";
