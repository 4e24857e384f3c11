// The three kinds of things that go wrong on purpose. Anything else that is thrown is our bug and is answered with a bare 500.

/** One row of a room's `reasons.ts`. */
export interface Reason {
  /** HTTP status that the person sees. */
  readonly status: number
  /** What the person sees: plain, no PHI, says what to do. */
  readonly publicText: string
  /** What the operator reads in the reference and the logs. */
  readonly operatorText: string
  /** The rule it answers, for instance `45 CFR 164.312(a)(2)(iii)` or `RFC 9110 section 7.2`. */
  readonly citation?: string
}

/** A room's codes. Keys read `<room>.<what>`. */
export type ReasonTable = Readonly<Record<string, Reason>>

export interface DenialOptions { readonly retryAfterSeconds?: number, readonly because?: string | undefined }

/** A rule said no. Expected, recorded, not an error. */
export class Denial extends Error {
  override readonly name = 'Denial'
  readonly code: string
  readonly reason: Reason
  /** Seconds for a Retry-After header. */
  readonly retryAfterSeconds: number | undefined
  /** What of several things was behind it, where the person is told so: why a session ended. */
  readonly because: string | undefined
  constructor (code: string, reason: Reason, options: DenialOptions = {}) {
    super(code)
    this.code = code
    this.reason = reason
    this.retryAfterSeconds = options.retryAfterSeconds
    this.because = options.because
  }
}

export type FailureSource = 'upstream' | 'idp' | 'store' | 'client' | 'destination' | 'gateway'

/** Something outside broke. It has a source; the cause never reaches the person. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: string
  readonly source: FailureSource
  readonly reason: Reason
  readonly retryAfterSeconds: number | undefined
  constructor (code: string, source: FailureSource, reason: Reason, options: { cause?: unknown, retryAfterSeconds?: number } = {}) {
    super(code, { cause: options.cause })
    this.code = code
    this.source = source
    this.reason = reason
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** The operator's mistake: one line of `sallyport config check`. */
export interface Finding {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Dotted path of the setting, `session.idleTimeout`. Empty for the whole file. */
  readonly path: string
  /** What is wrong and what to do, in one or two sentences. Never a secret's value. */
  readonly message: string
}

/** Nothing starts with findings. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly findings: readonly Finding[]
  constructor (findings: readonly Finding[]) {
    super(findings.map(formatFinding).join('\n'))
    this.findings = findings
  }
}

/** `gateway.yaml:14:3  session.idleTimeoutMinute is not a setting. Did you mean idleTimeout?` */
export function formatFinding (finding: Finding): string {
  return `${finding.file}:${finding.line}:${finding.column}  ${finding.message}`
}

/** Builds the two throwers of a room from its table, so that a code that is not in the table does not compile. */
export function defineReasons<const T extends ReasonTable> (table: T) {
  return {
    table,
    deny (code: keyof T & string, options?: DenialOptions): Denial {
      return new Denial(code, table[code] as Reason, options)
    },
    fail (code: keyof T & string, source: FailureSource, options?: { cause?: unknown, retryAfterSeconds?: number }): Failure {
      return new Failure(code, source, table[code] as Reason, options)
    },
  }
}
