'use strict';
const graphql = require('graphql-sync');
const createGraphQLRouter = require('@arangodb/foxx/graphql');
const { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } = graphql;
let stored = 0;
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      hello: { type: GraphQLString, args: { name: { type: GraphQLString } }, resolve: (root, { name = 'world' }) => `hello ${name}` },
      stored: { type: GraphQLInt, resolve: () => stored },
      fails: {
        type: GraphQLString,
        resolve: () => {
          throw new Error('of a field');
        },
      },
    },
  }),
  mutation: new GraphQLObjectType({
    name: 'Mutation',
    fields: { store: { type: GraphQLInt, args: { n: { type: GraphQLInt } }, resolve: (root, { n }) => (stored = n) } },
  }),
});
module.context.use('/plain', createGraphQLRouter({ schema, graphql }));
module.context.use('/shown', createGraphQLRouter({ schema, graphql, graphiql: true, pretty: true, formatError: (error) => ({ said: error.message }) }));
