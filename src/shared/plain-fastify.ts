// What our Fastify applications have in common: no route has a schema, so the packages that check and write bodies by schemas are not loaded.

function refuse (): never {
  throw new TypeError('a route with a schema: take plainFastify out of the options of its Fastify application')
}

/** Options for Fastify. With them a route that has a schema does not start. */
export const plainFastify = { logger: false, schemaController: { compilersFactory: { buildValidator: refuse, buildSerializer: refuse } } } as const
