// The configured feeds of one gateway. A feed that cannot be served never keeps anybody waiting; it says so in the log and in a metric.
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { SecretValue } from '../../shared/schema.ts'
import { listSegments } from '../segment.ts'
import type { FeedsConfig } from './feeds-config.ts'
import { Feed } from './feed.ts'

export interface Feeds {
  /** How many of them cannot reach their receiver. */
  down (): number
  close (): Promise<void>
}

export interface FeedsDeps {
  /** The spool of the gateway, opened already. */
  readonly directory: string
  readonly key: SecretValue
  readonly gateway: string
  readonly host: string
  readonly version: string
  readonly clock: Clock
  readonly log: Logger
}

export async function openFeeds (config: FeedsConfig, deps: FeedsDeps): Promise<Feeds> {
  const { directory, key, clock, log, gateway, host, version } = deps
  const epoch = listSegments(await readdir(directory)).at(-1)?.epoch ?? 0
  const context = { gateway, host, version, time: clock.now(), from: undefined, to: 0, by: '', reason: '', filters: {} }
  const feeds = config.map(({ syslog }) => new Feed({
    ...syslog,
    name: `${syslog.host.replace(/[^A-Za-z0-9.-]/g, '_')}-${syslog.port}-${syslog.format}-${syslog.content}`,
    authority: syslog.authority === undefined ? undefined : readFileSync(syslog.authority, 'utf8'),
    directory,
    key,
    clock,
    log,
    context,
    begin: { epoch, seq: 0 },
  }))
  return {
    down: () => feeds.filter(feed => feed.isDown).length,
    async close () { await Promise.all(feeds.map(feed => feed.close())) },
  }
}
