// Where the trail is kept and how sure it must be.
import { Duration, Optional, Secret, Section, Size, Type, type Static } from '../shared/schema.ts'
import { ArchiveConfig } from './archive/archive-config.ts'
import { BackupConfig } from './backup/backup-config.ts'
import { CheckpointsConfig } from './checkpoints/checkpoints-config.ts'
import { FeedsConfig } from './feeds/feeds-config.ts'
import { RedisConfig } from '../shared/redis-config.ts'

export const AuditConfig = Section({
  key: Secret({ description: 'At least 32 random bytes in base64: seals the records. Keep a copy off this machine; without it the trail cannot be read. Earlier keys stand below it (`sallyport keys rotate`).' }),
  exportKey: Optional(Secret({ description: 'Ed25519 private key in PEM: signs exports of the trail. `sallyport keys create` makes it (export.key).' })),
  redis: Optional(RedisConfig),
  durability: Type.Union([Type.Literal('spool'), Type.Literal('redis'), Type.Literal('dual')], {
    default: 'spool', description: 'What "on record" means before the CRM is called: on this machine\'s disk (and in Redis within milliseconds), in Redis, or both.',
  }),
  deadline: Duration({ default: '1s', description: 'A request whose record is not durable after this is answered 503.' }),
  segmentSize: Size({ default: '64MiB', description: 'A spool file is closed and a new one begun at this size.' }),
  maxSpoolSize: Size({ default: '8GiB', description: 'Spool on disk: a warning at 80 %, requests refused at 95 %.' }),
  checkpoints: CheckpointsConfig,
  archive: Optional(ArchiveConfig),
  backup: Optional(BackupConfig),
  feeds: Optional(FeedsConfig),
}, { description: 'The audit trail. Without a place to keep it the gateway does not start.' })
export type AuditConfig = Static<typeof AuditConfig>
