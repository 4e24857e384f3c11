// The demo's gateway.yaml, as an administrator would write it. It decides what the demo allows; it holds no secret itself.
import { durationMs } from '../../src/shared/schema.ts'

export interface DemoSettings {
  readonly name: string
  readonly publicUrl: string
  readonly publicPort: number
  readonly healthPort: number
  readonly crmUrl: string
  readonly idle: string
  readonly redis: URL | undefined
}

const longestUsualIdleMs = 15 * 60_000

/** A Redis server; user and password of its address are in files. */
function redisSection (redis: URL, indent: string): string {
  const address = new URL(redis)
  address.username = ''
  address.password = ''
  const lines = [`url: ${address.href}`]
  if (redis.username !== '') lines.push(`username: ${JSON.stringify(decodeURIComponent(redis.username))}`)
  if (redis.password !== '') lines.push('password: { file: secrets/redis-password }')
  return lines.map(line => `\n${indent}${line}`).join('')
}

const idleReason = `
  # Over 15 minutes somebody must answer for it; the sentence goes into the trail.
  idleTimeoutReason: A demo on one machine with invented people, chosen by whoever started it.`

function sessionStore (redis: URL): string {
  return `
  store:
    kind: redis
    redis:${redisSection(redis, '      ')}`
}

function auditSection (redis: URL | undefined): string {
  const stream = redis === undefined ? '' : `  redis:${redisSection(redis, '    ')}\n`
  return `audit:
  # Seals the trail. Keep a copy off the machine: without it nobody can read the trail.
  key: { file: secrets/audit }
${stream}  durability: spool
`
}

/** The whole file. Paths are relative to where it lies. */
export function writeGatewayYaml (settings: DemoSettings): string {
  const { redis } = settings
  return `# Sallyport in front of Harbor Clinic CRM: the configuration of the demo.
# Everything that is not written here has its default; \`sallyport config check gateway.yaml\` finds every mistake in it.

gateway:
  name: ${settings.name}
  publicUrl: ${settings.publicUrl}
  # The audit trail${redis === undefined ? ' and the sessions' : ''} live here. On a real machine: a disk that survives a restart.
  dataDirectory: ./data

listeners:
  public:
    host: 127.0.0.1
    port: ${settings.publicPort}
    tls:
      certificates:
        - { certificate: tls/gateway.pem, key: tls/gateway.key }
    # How long open work may finish after Ctrl-C. A real gateway keeps the default of 30s.
    drainTimeout: 1s
  # /live, /ready and /metrics
  health: { host: 127.0.0.1, port: ${settings.healthPort} }

# The CRM. Only the gateway may reach it: it believes whoever the X-Forwarded-User header names.
upstream:
  url: ${settings.crmUrl}

# Only this machine, and only by its usual address: a request from 127.0.0.2 is refused.
clientIp:
  allow:
    - 127.0.0.1
    - ::1

signIn:
  saml:
    # A real one is read by https and kept fresh:  { metadataUrl: https://idp.example/metadata }
    idp: { metadataFile: idp-metadata.xml }

session:
  secret: { file: secrets/session }
  idleTimeout: ${settings.idle}${durationMs(settings.idle) > longestUsualIdleMs ? idleReason : ''}
  absoluteTimeout: 12h${redis === undefined ? '' : sessionStore(redis)}

# The gateway's own pages; see docs/pages.md.
pages:
  name: Harbor Clinic
  accent: '#1d4e89'
  contact: { text: 'IT service desk, 555-0100' }
  texts: [de, es]

# What no role allows is refused. A person without a role does not get in at all.
access:
  # What is known of the CRM: which record a request is about (the trail then speaks of patients, and "audit patient p-1001" has a story to tell), what its pages
  # ask for by themselves, and where it signs people out. Most CRMs have a profile; see docs/profiles.md.
  profile: demo
  roles:
    nurse:
      groups: [clinic-nurses]
      allow: ['* /**']
    front-desk:
      groups: [clinic-front-desk]
      allow: ['* /**']
      deny:
        - '* /recordings/**'
        - '* /api/recordings/**'

${auditSection(redis)}`
}
