// Every command there is. Loaded when another one than `serve` is asked for: the gateway itself needs none of them.
import { associatesCheck, associatesReport } from './associates.ts'
import { auditArchive } from './audit-archive.ts'
import { auditDisclosures } from './audit-disclosures.ts'
import { auditEmergency } from './audit-emergency.ts'
import { auditExport } from './audit-export.ts'
import { auditHold, auditHolds, auditRelease } from './audit-hold.ts'
import { auditPatient } from './audit-patient.ts'
import { auditPrune } from './audit-prune.ts'
import { auditQuery } from './audit-query.ts'
import { auditShred } from './audit-shred.ts'
import { auditTail } from './audit-tail.ts'
import { auditVerify } from './audit-verify.ts'
import { backup, restore, restoreDrill } from './backup.ts'
import { check } from './check.ts'
import { configCheck } from './config-check.ts'
import { configSchema } from './config-schema.ts'
import { coverage } from './coverage.ts'
import { egressSeen } from './egress-seen.ts'
import { explain } from './explain.ts'
import { init } from './init.ts'
import { keysCa } from './keys-ca.ts'
import { keysCreate } from './keys-create.ts'
import { keysEscrow, keysRecover } from './keys-escrow.ts'
import { keysRotate } from './keys-rotate.ts'
import { learnPolicy } from './learn-policy.ts'
import { learnPolling } from './learn-polling.ts'
import { mailQueueDrop, mailQueueList, mailQueueRetry } from './mail-queue.ts'
import { mailTest } from './mail-test.ts'
import { quarantineDrop, quarantineList, quarantineRelease, quarantineShow } from './quarantine.ts'
import { redact } from './redact.ts'
import { serve } from './serve.ts'
import { sessionsList } from './sessions-list.ts'
import { sessionsRevoke } from './sessions-revoke.ts'
import { status } from './status.ts'
import { tokensReveal } from './tokens-reveal.ts'
import type { Command } from './command.ts'

export const commands: readonly Command[] = [
  init, serve, status, check, configCheck, configSchema, explain, coverage, learnPolicy, learnPolling, keysCreate, keysCa, keysRotate, keysEscrow, keysRecover,
  auditTail, auditQuery, auditPatient, auditDisclosures, auditExport, auditVerify, auditArchive, auditPrune,
  auditHold, auditRelease, auditHolds, auditShred, auditEmergency, backup, restore, restoreDrill, sessionsList, sessionsRevoke, redact,
  quarantineList, quarantineShow, quarantineRelease, quarantineDrop, tokensReveal, mailQueueList, mailQueueRetry, mailQueueDrop, mailTest,
  associatesCheck, associatesReport, egressSeen,
]
