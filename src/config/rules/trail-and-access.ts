// Rules about the audit trail, Redis, roles and the identity provider's addresses.
import type { Path } from '../problem.ts'
import type { Report, Rule, RuleInput } from '../rule.ts'
import { isLoopback } from './upstream.ts'

export const requireRedisForDurability: Rule = ({ config: { audit } }, report) => {
  if (audit?.durability === undefined || audit.durability === 'spool' || 'redis' in audit) return
  report.refuse(['audit', 'durability'], `is ${audit.durability}, but audit.redis is missing: add it, or write durability: spool.`)
}

export const requireOneStore: Rule = ({ config: { audit } }, report) => {
  for (const name of ['archive', 'backup'] as const) {
    const place = audit?.[name]
    if (place === undefined) continue
    const path = ['audit', name]
    const [hasDirectory, hasS3] = ['directory' in place, 's3' in place]
    if (hasDirectory === hasS3) report.refuse(path, hasS3 ? 'has both directory and s3: it is in one place. Remove one.' : 'says no place: add directory, or s3.')
    requireTls([...path, 's3', 'endpoint'], place.s3?.endpoint, report)
  }
  for (const [at, store] of (audit?.checkpoints?.objectStores ?? []).entries()) requireTls(['audit', 'checkpoints', 'objectStores', at, 'endpoint'], store?.endpoint, report)
}

export const requireSeparateDirectories: Rule = ({ config: { audit } }, report) => {
  const { directory, lock = 'none' } = audit?.archive ?? {}
  if (directory !== undefined && lock !== 'none') report.refuse(['audit', 'archive', 'lock'], 'is for an object store: a directory is locked by what it lies on.')
  if (directory !== undefined && directory === audit?.backup?.directory) report.refuse(['audit', 'backup', 'directory'], 'is the archive\'s: a backup beside what it is a copy of is lost with it.')
}

function requireTls (path: Path, endpoint: string | undefined, report: Report): void {
  if (endpoint?.startsWith('http://') === true && !isLoopback(URL.parse(endpoint)?.hostname ?? '')) report.refuse(path, 'begins with http://: use https://.')
}

/** 45 CFR 164.316(b)(2)(i) keeps required documentation for six years; ours is that default for the trail. */
const retentionFloorYears = 6

export const requireReasonForShortRetention: Rule = ({ config: { audit } }, report) => {
  const archive = audit?.archive
  if (archive?.retentionYears === undefined || archive.retentionYears >= retentionFloorYears || 'shorterRetention' in archive) return
  report.refuse(['audit', 'archive', 'retentionYears'], `is ${archive.retentionYears}, and ${retentionFloorYears} is the floor: write ${retentionFloorYears} or more, or say who decided and why in audit.archive.shorterRetention.`)
}

function checkRedis (path: Path, url: string | undefined, report: Report): void {
  if (url === undefined || url.startsWith('unix://')) return
  const parsed = URL.parse(url)
  if (parsed === null || parsed.hostname === '') {
    report.refuse(path, 'cannot be read: write redis://host:port/db.')
    return
  }
  if (parsed.username !== '' || parsed.password !== '') report.refuse(path, 'holds a name or password: write them as username and password: { env: NAME } beside it.')
  if (parsed.protocol === 'redis:' && !isLoopback(parsed.hostname)) report.warn(path, 'is another machine without TLS: use rediss:// with an authority.')
}

type RedisDraft = NonNullable<NonNullable<RuleInput['config']['audit']>['redis']>

function checkRedisPlace (path: Path, redis: RedisDraft | undefined, report: Report): void {
  if (redis === undefined) return
  const ways = (['url', 'sentinel', 'cluster'] as const).filter(way => way in redis)
  if (ways.length !== 1) report.refuse(path, ways.length === 0 ? 'says no address: add url, sentinel or cluster.' : `has ${ways.join(' and ')}: keep one of them.`)
  checkRedis([...path, 'url'], redis.url, report)
  for (const way of ['sentinel', 'cluster'] as const) {
    const addresses = redis[way]?.addresses ?? []
    for (const [at, address] of addresses.entries()) checkRedis([...path, way, 'addresses', at], address, report)
    if (new Set(addresses.map(address => address?.split(':')[0])).size > 1) report.refuse([...path, way, 'addresses'], 'has addresses with TLS and without: write rediss:// for all of them.')
  }
}

export const checkRedisAddresses: Rule = ({ config: { audit, session } }, report) => {
  checkRedisPlace(['audit', 'redis'], audit?.redis, report)
  const store = session?.store
  if (store !== undefined && 'redis' in store) checkRedisPlace(['session', 'store', 'redis'], store.redis, report)
}

export const warnOfRolesForNobody: Rule = ({ config: { access } }, report) => {
  for (const [name, role] of Object.entries(access?.roles ?? {})) {
    if (role?.groups?.length === 0 && role.people?.length === 0) report.warn(['access', 'roles', name], 'has neither groups nor people: nobody has this role.')
  }
}

export const requireRecordsForRules: Rule = ({ config: { access } }, report) => {
  if ((access?.rules?.length ?? 0) === 0) return
  if (access?.records?.length === 0 && !('profile' in access)) report.refuse(['access', 'rules'], 'speak of records, and access.records is empty: no rule would ever apply.')
  else if (access?.unclassified === 'allow') report.warn(['access', 'rules'], 'do not judge what access.records does not classify: when sallyport coverage lists nothing more, write unclassified: refuse.')
}

/** What no rule allows is refused, so that a role without one signs in to a CRM in which it opens nothing. */
export const warnOfRolesThatOpenNothing: Rule = ({ config: { access } }, report) => {
  const enforced = (access?.rules ?? []).filter(rule => rule !== undefined && rule.mode !== 'report')
  if (enforced.length === 0) return
  const allowing = enforced.filter(rule => rule?.effect === 'allow')
  if (allowing.length === 0) {
    report.warn(['access', 'rules'], 'only deny, and what none allows is refused: nobody opens any record. If that is not meant, end with - { effect: allow }.')
    return
  }
  for (const role of Object.keys(access?.roles ?? {})) {
    if (!allowing.some(rule => rule?.roles === undefined || rule.roles.includes(role))) report.warn(['access', 'roles', role], 'is in no rule that allows something: it opens no record.')
  }
}

/** The CRM would see a header that it does not look at, and ask everybody to sign in again. */
export const warnOfUnreadIdentity: Rule = ({ config: { profile, upstream } }, report) => {
  const header = profile?.identity?.way === 'header' ? profile.identity.header : undefined
  const user = upstream?.identity?.user
  if (header === undefined || user === undefined || header.toLowerCase() === user.toLowerCase()) return
  report.warn(['upstream', 'identity', 'user'], `is ${user}, and ${profile?.product ?? 'the CRM'} takes the person from ${header} (${profile?.identity?.how ?? ''}): write user: ${header}, if it is set up like that.`)
}

export const requireProvenIdp: Rule = ({ config: { signIn } }, report) => {
  const idp = signIn?.saml?.idp
  const path = ['signIn', 'saml', 'idp']
  const isPlain = (text: string | undefined) => text !== undefined && text.startsWith('http://') && !isLoopback(URL.parse(text)?.hostname ?? '')
  if (idp === undefined) return
  if ('metadataUrl' in idp && isPlain(idp.metadataUrl)) report.refuse([...path, 'metadataUrl'], 'begins with http://: whoever is on the way could name himself the identity provider. Use https://.')
  if (!('signOnUrl' in idp)) return
  if (isPlain(idp.signOnUrl)) report.warn([...path, 'signOnUrl'], 'begins with http://: passwords would be typed into a page that anybody on the way can change. Use https://.')
}

export const requireDecryptionKey: Rule = ({ config: { signIn } }, report) => {
  const saml = signIn?.saml
  if (saml?.requireEncryptedAssertions !== true || saml.decryption === undefined || saml.decryption.length > 0) return
  report.refuse(['signIn', 'saml', 'requireEncryptedAssertions'], 'is true, but signIn.saml.decryption has no key to open them with: add one.')
}

export const requireClientAuthority: Rule = ({ config: { listeners } }, report) => {
  const settings = listeners?.public?.tls?.clientCertificates
  if (settings?.mode === undefined || settings.mode === 'off' || 'authority' in settings) return
  report.refuse(['listeners', 'public', 'tls', 'clientCertificates', 'mode'], `is ${settings.mode}, but authority is missing: nobody's certificate could be proven.`)
}
