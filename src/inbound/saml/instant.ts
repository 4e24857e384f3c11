// Times in SAML messages: UTC only, one way of writing them, and judged with the configured difference of clocks.

const shape = /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?Z$/

/** Milliseconds since the epoch, or undefined when the text is not UTC as SAML 2.0 core section 1.3.3 writes it. */
export function parseInstant (text: string | undefined): number | undefined {
  const match = text === undefined ? null : shape.exec(text)
  if (match === null) return undefined
  const milliseconds = (match[2] ?? '').padEnd(3, '0').slice(0, 3)
  const written = `${match[1]}.${milliseconds}Z`
  const value = Date.parse(written)
  // A day that the month does not have would be read as one of the next month.
  return Number.isNaN(value) || new Date(value).toISOString() !== written ? undefined : value
}

export function formatInstant (ms: number): string {
  return new Date(ms).toISOString()
}

/** The moment at which times are judged. */
export interface Moment {
  readonly nowMs: number
  readonly skewMs: number
}

/** Whether `instantMs` (a NotOnOrAfter) has passed, with the clocks' difference given to the IdP. */
export function hasPassed (instantMs: number, moment: Moment): boolean {
  return moment.nowMs >= instantMs + moment.skewMs
}

/** Whether `instantMs` (a NotBefore or a time of issue) is still to come, with the clocks' difference given to the IdP. */
export function isToCome (instantMs: number, moment: Moment): boolean {
  return moment.nowMs < instantMs - moment.skewMs
}
