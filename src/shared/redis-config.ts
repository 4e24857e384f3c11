// How to reach a Redis (7.0 or newer) or Valkey.
import { FilePath, Optional, Secret, Section, Type, type Static } from './schema.ts'

export const RedisConfig = Section({
  url: Type.String({ pattern: '^(rediss?|unix)://', description: 'redis://host:port/db, rediss:// with TLS, or unix:///path.' }),
  username: Optional(Type.String({ minLength: 1, description: 'ACL user.' })),
  password: Optional(Secret({ description: 'Its password.' })),
  authority: Optional(FilePath({ description: 'PEM file with the authority of the server\'s certificate.' })),
}, { description: 'A Redis server.' })
export type RedisConfig = Static<typeof RedisConfig>
