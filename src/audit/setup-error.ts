// Why the audit trail cannot be set up. For the operator who starts the gateway: it names the place and says what to do, and never holds a secret.

export type SetupCode = 'audit.keyInvalid' | 'audit.spoolLocked' | 'audit.spoolUnusable' | 'audit.spoolForeign' | 'audit.redisUnreachable' | 'audit.redisUnsuitable'

export class AuditSetupError extends Error {
  override readonly name = 'AuditSetupError'
  readonly code: SetupCode
  constructor (code: SetupCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}
