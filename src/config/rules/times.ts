// Rules about durations and sizes: those that would switch a protection off, or that no timer can keep.
import { parseDuration, parseSize } from '../../shared/schema.ts'
import { GatewayConfig } from '../gateway-config.ts'
import { nameOf } from '../problem.ts'
import { mapWithSchema, type SchemaNode } from '../schema-node.ts'
import type { Rule } from '../rule.ts'

const minuteMs = 60_000
const longestIdleMs = 15 * minuteMs
const longestEmergencyMs = 24 * 60 * minuteMs
const mostClockSkewMs = 5 * minuteMs
/** A timer of Node.js holds 31 bits of milliseconds; a longer one fires at once. */
const longestTimerMs = 24 * 24 * 60 * minuteMs

/** Durations for which 0 has a meaning. */
const mayBeZero = new Set(['listeners.public.hsts.maxAge', 'listeners.public.drainTimeout', 'signIn.saml.clockSkew'])
/** Durations that no timer waits for. */
const mayBeLong = new Set(['listeners.public.hsts.maxAge'])

function readDuration (text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text)
}

export const refuseImpossibleDurations: Rule = ({ config }, report) => {
  mapWithSchema(GatewayConfig as SchemaNode, config, (schema, value, path) => {
    if (typeof value !== 'string') return undefined
    const name = nameOf(path)
    const durationMs = schema.format === 'duration' ? parseDuration(value) : undefined
    if (durationMs === 0 && !mayBeZero.has(name)) report.refuse(path, `is ${value}: a time of zero would refuse everything or protect nothing. Write how long.`)
    if (durationMs !== undefined && durationMs > longestTimerMs && !mayBeLong.has(name)) report.refuse(path, `is ${value}: the longest time that can be kept is 24d.`)
    if (schema.format === 'size' && parseSize(value) === 0) report.refuse(path, `is ${value}: nothing would fit. Write how much.`)
    return value
  })
}

/** 45 CFR 164.312(a)(2)(iii), automatic logoff: a longer time is a decision that somebody answers for. */
export const requireReasonForLongIdle: Rule = ({ config: { session } }, report) => {
  const idleMs = readDuration(session?.idleTimeout)
  if (idleMs === undefined || idleMs <= longestIdleMs || session === undefined || 'idleTimeoutReason' in session) return
  report.refuse(['session', 'idleTimeout'], `is ${session.idleTimeout}, over 15m: add session.idleTimeoutReason with why, and who accepted it.`)
}

/** 45 CFR 164.312(a)(2)(ii), emergency access: for a time, and not for good. */
export const boundEmergency: Rule = ({ config: { audit } }, report) => {
  const atMostMs = readDuration(audit?.emergency?.atMost)
  if (atMostMs === undefined || atMostMs <= longestEmergencyMs) return
  report.refuse(['audit', 'emergency', 'atMost'], `is ${audit?.emergency?.atMost}: an emergency without a record of who saw what lasts 24h at most. Write a shorter time; it can be declared again.`)
}

export const requireIdleUnderAbsolute: Rule = ({ config: { session } }, report) => {
  const idleMs = readDuration(session?.idleTimeout)
  const absoluteMs = readDuration(session?.absoluteTimeout)
  if (idleMs === undefined || absoluteMs === undefined || idleMs < absoluteMs) return
  report.refuse(['session', 'idleTimeout'], `is ${session?.idleTimeout}, not under session.absoluteTimeout (${session?.absoluteTimeout}): nobody would ever be idle.`)
}

export const boundClockSkew: Rule = ({ config: { signIn } }, report) => {
  const skewMs = readDuration(signIn?.saml?.clockSkew)
  if (skewMs !== undefined && skewMs > mostClockSkewMs) report.refuse(['signIn', 'saml', 'clockSkew'], `is ${signIn?.saml?.clockSkew}: the most is 5m. Set the clocks by NTP instead.`)
}

export const requireRoomForSegments: Rule = ({ config: { audit } }, report) => {
  const segment = audit?.segmentSize === undefined ? undefined : parseSize(audit.segmentSize)
  const spool = audit?.maxSpoolSize === undefined ? undefined : parseSize(audit.maxSpoolSize)
  if (segment !== undefined && spool !== undefined && segment * 2 > spool) report.refuse(['audit', 'segmentSize'], `is ${audit?.segmentSize}: at least two must fit into audit.maxSpoolSize (${audit?.maxSpoolSize}).`)
}
