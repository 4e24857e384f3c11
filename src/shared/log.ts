// The operator's log. It never holds a path, a query, a header value, a person's name or an error's own text from outside:
// a log line is an event name and bounded fields. What happened to whom is in the audit trail.
import { pino, type Logger as PinoLogger, type DestinationStream } from 'pino'

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Logger {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  /** Our bug: the class and the stack's places, without the message, which can quote what somebody sent. */
  bug(event: string, error: unknown, fields?: LogFields): void
}

export function createLogger (options: { level: string, name: string, destination?: DestinationStream }): Logger {
  const settings = { level: options.level, base: { gateway: options.name }, timestamp: pino.stdTimeFunctions.isoTime }
  const sink: PinoLogger = options.destination === undefined ? pino(settings) : pino(settings, options.destination)
  return {
    info: (event, fields = {}) => { sink.info(fields, event) },
    warn: (event, fields = {}) => { sink.warn(fields, event) },
    error: (event, fields = {}) => { sink.error(fields, event) },
    bug: (event, error, fields = {}) => { sink.error({ ...fields, ...describeError(error) }, event) },
  }
}

const place = /^\s+at (?:[^()]+ \()?(?:file:\/\/|node:)\S+:\d+:\d+\)?$/

/** Class, code and stack places of an error; never its message. */
export function describeError (error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error }
  const code = 'code' in error && typeof error.code === 'string' && /^[A-Za-z0-9_.]{1,60}$/.test(error.code) ? error.code : undefined
  // The message comes first in the stack and may have lines of its own that look like places.
  const ownLines = error.message.split('\n').length
  const places = (error.stack ?? '').split('\n').slice(ownLines).filter(line => place.test(line)).slice(0, 8).map(line => line.trim()).join(' | ')
  return { error: /^[A-Za-z0-9_]{1,60}$/.test(error.name) ? error.name : 'Error', code, stack: places }
}
