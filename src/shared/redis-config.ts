// How to reach a Redis (7.0 or newer) or Valkey: one server, the primary that Sentinels name, or a Cluster.
import { FilePath, Optional, Secret, Section, Type, type Static } from './schema.ts'

const Address = Type.String({ pattern: '^rediss?://[^/?#@]+$', description: 'redis://host:port, or rediss:// with TLS.' })

export const RedisConfig = Section({
  url: Optional(Type.String({ pattern: '^(rediss?|unix)://', description: 'One server: redis://host:port/db, rediss:// with TLS, or unix:///path. Either this, sentinel or cluster.' })),
  sentinel: Optional(Section({
    name: Type.String({ minLength: 1, description: 'Name of the primary, as the Sentinels know it.', examples: ['mymaster'] }),
    addresses: Type.Array(Address, { minItems: 1, description: 'The Sentinels; any that answers will do.' }),
    username: Optional(Type.String({ minLength: 1, description: 'ACL user at the Sentinels, when they ask for one.' })),
    password: Optional(Secret({ description: 'Its password.' })),
  }, { description: 'The primary that Sentinels name; after a failover the new one.' })),
  cluster: Optional(Section({
    addresses: Type.Array(Address, { minItems: 1, description: 'Some nodes; the others are learnt from them.' }),
  }, { description: 'A Redis Cluster.' })),
  username: Optional(Type.String({ minLength: 1, description: 'ACL user.' })),
  password: Optional(Secret({ description: 'Its password.' })),
  authority: Optional(FilePath({ description: 'PEM file with the authority of the servers\' certificates.' })),
}, { description: 'A Redis server, the primary behind Sentinels, or a Cluster.' })
export type RedisConfig = Static<typeof RedisConfig>
