// All rules across fields. The order does not matter: each judges alone, and findings are sorted by line.
import { createDraft } from './draft.ts'
import type { SecretValue } from '../shared/schema.ts'
import { nameOf, type Path, type Problem } from './problem.ts'
import type { Report, Rule } from './rule.ts'
import { refuseAnyAddressUnasked, refuseRestrictionsWithoutEffect, refuseTrustInEverybody, warnOfAllowlistOnTrial, warnOfVeryWideRanges } from './rules/addresses.ts'
import { requireCertificatesForBinding, requireWhomInOverrides, warnOfAddressesThatChange } from './rules/binding.ts'
import {
  checkAuthorities, checkIdpFiles, checkListenerCertificates, checkOutboundCertificates, checkSamlCertificates, checkShieldCertificates, checkStoreAuthority, checkTokenKey,
  checkTracesAuthority,
} from './rules/key-files.ts'
import { checkDkimKey, judgeMailClasses, requirePrivateMail, requireSmarthostSignIn, requireWayOut } from './rules/mail.ts'
import { requireKnownNamesInMasks, requireSearchPlaces, warnOfUnclassifiedBesideMasks } from './rules/masking.ts'
import { judgeAgreementDates, refuseEveryAddressOutside, requireDifferentOutboundNames, requireKnownAssociates, requirePrivateRelay, requireSenderProof } from './rules/outbound.ts'
import { boundReporting, requireDifferentHosts, requireOwnAuthority, requirePrivateProxy } from './rules/proxy.ts'
import { askRooms } from './rules/rooms.ts'
import { requireDifferentKeys, requireStrongKeys } from './rules/secrets.ts'
import { requireDifferentAliases, requireMailboxElsewhere, requireMailboxSignIn, requireNameServers, requireShieldCertificate, requireShieldPort } from './rules/shield.ts'
import { boundClockSkew, boundEmergency, refuseImpossibleDurations, requireIdleUnderAbsolute, requireReasonForLongIdle, requireRoomForSegments } from './rules/times.ts'
import {
  checkRedisAddresses, requireClientAuthority, requireDecryptionKey, requireOneStore, requireProvenIdp, requireReasonForShortRetention, requireRedisForDurability,
  requireSeparateDirectories, warnOfRolesForNobody, warnOfRolesThatOpenNothing, requireRecordsForRules, warnOfUnreadIdentity,
} from './rules/trail-and-access.ts'
import { refuseForwardingToOurselves, refuseSharedPorts, requireIdentityHeadersOfTheirOwn, warnOfUnencryptedTraces, warnOfUnencryptedUpstream } from './rules/upstream.ts'

const rules: readonly Rule[] = [
  refuseAnyAddressUnasked, refuseRestrictionsWithoutEffect, refuseTrustInEverybody, warnOfAllowlistOnTrial, warnOfVeryWideRanges,
  refuseImpossibleDurations, requireReasonForLongIdle, requireIdleUnderAbsolute, boundClockSkew, boundEmergency, requireRoomForSegments,
  requireStrongKeys, requireDifferentKeys,
  refuseForwardingToOurselves, warnOfUnencryptedUpstream, warnOfUnencryptedTraces, requireIdentityHeadersOfTheirOwn, refuseSharedPorts,
  requireRedisForDurability, requireReasonForShortRetention, requireOneStore, requireSeparateDirectories, checkRedisAddresses,
  warnOfRolesForNobody, warnOfRolesThatOpenNothing, requireRecordsForRules, warnOfUnreadIdentity, requireProvenIdp, requireDecryptionKey, requireClientAuthority,
  requireCertificatesForBinding, requireWhomInOverrides, warnOfAddressesThatChange,
  requireKnownNamesInMasks, requireSearchPlaces, warnOfUnclassifiedBesideMasks,
  checkAuthorities, checkStoreAuthority,
  requireDifferentOutboundNames, requireKnownAssociates, judgeAgreementDates, requireSenderProof, requirePrivateRelay, refuseEveryAddressOutside,
  requireWayOut, judgeMailClasses, requirePrivateMail, requireSmarthostSignIn, checkDkimKey,
  requireDifferentAliases, requireMailboxElsewhere, requireMailboxSignIn, requireNameServers, requireShieldCertificate, requireShieldPort,
  requirePrivateProxy, requireDifferentHosts, boundReporting, requireOwnAuthority,
]

/** About files that are needed to let somebody in, and for nothing else: a certificate that has ended must not keep anybody from asking the trail why. */
const servingRules: readonly Rule[] = [
  checkListenerCertificates, checkSamlCertificates, checkTracesAuthority, checkIdpFiles, checkTokenKey, checkOutboundCertificates, checkShieldCertificates,
]

export interface Judgement {
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

interface JudgeContext {
  readonly secrets: ReadonlyMap<string, SecretValue>
  readonly now: number
  /** Whether somebody is to be let in; what only that needs is not judged otherwise. */
  readonly isToServe: boolean
}

/** `value` has absolute paths; `known` are the problems that were found before. */
export async function judge (value: unknown, known: readonly Problem[], context: JudgeContext): Promise<Judgement> {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const add = (to: Problem[]) => (path: Path, text: string) => { to.push({ path, at: 'value', message: `${nameOf(path)} ${text}` }) }
  const report: Report = { refuse: add(problems), warn: add(warnings) }
  const input = { config: createDraft(value, known), ...context }
  for (const rule of context.isToServe ? [...rules, ...servingRules] : rules) await rule(input, report)
  return { problems: [...problems, ...askRooms(value, [...known, ...problems])], warnings }
}
