// What the gateway costs a request when what it has to know grows: rules, allowlist ranges, live sessions. Each grown gateway runs beside a plain one, in rounds
// that alternate, and the CPU time a request is compared.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { measureLoad, median, type LoadOptions } from './load.ts'
import { startGatewayPeer, type GatewayPeer, type GatewayPeerOptions } from './peers.ts'

export interface GrowthFigure {
  readonly name: string
  readonly cpuMicros: number
  /** More than the plain gateway beside it, percent. */
  readonly percent: number
  readonly targetPercent: number
}

type Configure = NonNullable<GatewayPeerOptions['variant']>['configure']

const rules: Configure = draft => {
  const types = Array.from({ length: 50 }, (_, index) => `type-${String.fromCharCode(97 + index % 26)}${index}`)
  draft['access'] = {
    ...draft['access'],
    records: types.map(type => ({ route: `GET /crm/${type}/{id}`, type, kind: 'read' })),
    rules: types.flatMap(type => [
      { effect: 'deny', roles: ['desk'], records: [type] },
      { effect: 'allow', roles: ['nurse'], records: [type], kinds: ['update'], when: { maxSignInAge: '15m' } },
      { effect: 'deny', records: [type], unless: { from: ['127.0.0.0/8'] } },
      { effect: 'allow', roles: ['nurse'], records: [type], when: { hours: '00:00-23:59' } },
    ]),
  }
}

const ranges: Configure = draft => {
  const others = Array.from({ length: 9999 }, (_, index) => `10.${index >> 8}.${index & 255}.0/25`)
  draft['clientIp'] = { ...draft['clientIp'], allow: [...others, '127.0.0.1'] }
}

/** Copies of the one live session under other names, of other people: they are counted and looked through like any other. */
function addSessions (gateway: GatewayPeer, count: number): void {
  const file = new DatabaseSync(join(gateway.directory, 'data', 'sessions.sqlite'), { timeout: 5000 })
  try {
    file.prepare(`INSERT INTO live SELECT substr(key, 1, 30) || n, sealed, person || n, name_id || n, session_index || n, began_at, last_active_at - n % 1000, ends_at
      FROM (SELECT * FROM live LIMIT 1), (WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?) SELECT n FROM numbers)`).run(count)
  } finally { file.close() }
}

interface Growth { readonly name: string, readonly targetPercent: number, readonly configure: Configure, readonly fill?: (gateway: GatewayPeer) => void }

const growths: readonly Growth[] = [
  { name: '200 access rules', targetPercent: 2, configure: rules },
  { name: '10,000 allowlist ranges', targetPercent: 2, configure: ranges },
  { name: '100,000 live sessions', targetPercent: 5, configure () { /* as it is */ }, fill: gateway => { addSessions(gateway, 100_000) } },
]

export async function measureGrowth (plain: GatewayPeer, upstreamUrl: string, options: LoadOptions & { readonly rounds: number }): Promise<readonly GrowthFigure[]> {
  const figures: GrowthFigure[] = []
  for (const { name, targetPercent, configure, fill } of growths) {
    const grown = await startGatewayPeer({ directory: options.directory, upstreamUrl, variant: { name, configure } })
    try {
      fill?.(grown)
      await measureLoad(grown, options)
      const used = new Map<GatewayPeer, number[]>([[plain, []], [grown, []]])
      for (let round = 0; round < options.rounds; round += 1) {
        for (const peer of round % 2 === 0 ? [plain, grown] : [grown, plain]) used.get(peer)?.push((await measureLoad(peer, options)).cpuMicros)
      }
      const [base, cpuMicros] = [median(used.get(plain) ?? []), median(used.get(grown) ?? [])]
      figures.push({ name, cpuMicros, percent: (cpuMicros / base - 1) * 100, targetPercent })
    } finally { await grown.stop() }
  }
  return figures
}
