// Where the trail is kept and how sure it must be.
import { Duration, Optional, Secret, Section, Size, StatePath, Type, type Static } from '../shared/schema.ts'
import { ArchiveConfig } from './archive/archive-config.ts'
import { BackupConfig } from './backup/backup-config.ts'
import { CheckpointsConfig } from './checkpoints/checkpoints-config.ts'
import { FeedsConfig } from './feeds/feeds-config.ts'
import { RedisConfig } from '../shared/redis-config.ts'

export const Attestation = Section({
  by: Type.String({ minLength: 1, description: 'Who answers for it.' }),
  because: Type.String({ minLength: 10, description: 'How it is durable all the same: at least ten characters.' }),
}, { description: 'Only for a Redis that is weaker than durability asks, or does not tell: somebody answers for it. It is then used; the log says so at every start, and the trail too.' })
export type Attestation = Static<typeof Attestation>

export const EmergencyConfig = Section({
  file: StatePath({ description: 'Where `sallyport audit emergency` declares one: a file on another disk than the trail, in memory for instance. Who may write there decides nothing: a declaration is signed with the audit key.' }),
  atMost: Duration({ default: '1h', description: 'The longest that one declaration lasts; 24 hours is the most.' }),
}, { description: 'Lets people in for a declared time while nothing can be recorded. Without this section they are refused for as long as that lasts.' })
export type EmergencyConfig = Static<typeof EmergencyConfig>

export const AuditConfig = Section({
  key: Secret({ description: 'At least 32 random bytes in base64: seals the records. Keep a copy off this machine; without it the trail cannot be read. Earlier keys stand below it (`sallyport keys rotate`).' }),
  exportKey: Optional(Secret({ description: 'Ed25519 private key in PEM: signs exports of the trail. `sallyport keys create` makes it (export.key).' })),
  redis: Optional(RedisConfig),
  redisAttestation: Optional(Attestation),
  durability: Type.Union([Type.Literal('spool'), Type.Literal('redis'), Type.Literal('dual')], {
    default: 'spool', description: 'What "on record" means before the CRM is called: on this machine\'s disk (and in Redis within milliseconds), in Redis, or both.',
  }),
  deadline: Duration({ default: '1s', description: 'A request whose record is not durable after this is answered 503.' }),
  emergency: Optional(EmergencyConfig),
  segmentSize: Size({ default: '64MiB', description: 'A spool file is closed and a new one begun at this size.' }),
  maxSpoolSize: Size({ default: '8GiB', description: 'Spool on disk: a warning at 80 %, requests refused at 95 %.' }),
  checkpoints: CheckpointsConfig,
  archive: Optional(ArchiveConfig),
  backup: Optional(BackupConfig),
  feeds: Optional(FeedsConfig),
}, { description: 'The audit trail. Without a place to keep it the gateway does not start.' })
export type AuditConfig = Static<typeof AuditConfig>
