// Which segment of the archive holds what: tokens, times and kinds, a SQLite file for each month. It can be lost: it is made again from the archive, and a segment that
// it does not know is read for every question.
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { AuditEvent } from '../event.ts'
import { exchangeOf, isEnding } from '../open-exchanges.ts'
import type { WantedTokens } from '../questions/query.ts'
import type { AuditRecord } from '../record-form.ts'
import type { TokenName, Tokens } from '../tokens.ts'

export interface IndexedSegment {
  readonly name: string
  readonly writer: string
  /** Times of the oldest and the newest record. */
  readonly from: number
  readonly to: number
  readonly records: ReadonlyArray<Pick<AuditRecord, 'seq' | 'kind' | 'tokens'>>
}

export interface IndexSearch {
  readonly tokens: WantedTokens
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly to: number
}

export interface ArchiveIndex {
  /** Every record of a writer, in order, also those that are archived already: an ending is found where its exchange began. */
  follow (writer: string, event: AuditEvent, record: Pick<AuditRecord, 'seq' | 'tokens'>): void
  add (segment: IndexedSegment): void
  /** Segments that may hold an answer, of those that it knows. */
  find (search: IndexSearch): ReadonlySet<string>
  /** Names of all segments that it knows. */
  known (): ReadonlySet<string>
  close (): void
}

const schema = `
  CREATE TABLE IF NOT EXISTS segment (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, first_time INTEGER NOT NULL, last_time INTEGER NOT NULL, records INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS token (token BLOB NOT NULL, segment INTEGER NOT NULL, PRIMARY KEY (token, segment)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS kind (kind TEXT NOT NULL, segment INTEGER NOT NULL, records INTEGER NOT NULL, PRIMARY KEY (kind, segment)) STRICT, WITHOUT ROWID;`

const monthOf = (time: number) => new Date(time).toISOString().slice(0, 7)

/** Opens or makes the index in a directory. Throws the system's error when it cannot be used. */
export function openArchiveIndex (directory: string): ArchiveIndex {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const months = new Map<string, DatabaseSync>()
  const open = (month: string): DatabaseSync => {
    const found = months.get(month)
    if (found !== undefined) return found
    const database = new DatabaseSync(join(directory, `${month}.sqlite`))
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; ${schema}`)
    months.set(month, database)
    return database
  }
  const all = () => readdirSync(directory).filter(name => /^\d{4}-\d\d\.sqlite$/.test(name)).sort().map(name => name.slice(0, 7))
  const follower = createFollower()
  return {
    follow: follower.follow,
    add (segment) { addSegment(open(monthOf(segment.from)), segment, seq => follower.take(segment.writer, seq)) },
    find: search => new Set(all().flatMap(month => findSegments(open(month), search))),
    known: () => new Set(all().flatMap(month => open(month).prepare('SELECT name FROM segment').all().map(row => String(row['name'])))),
    close () { for (const database of months.values()) database.close() },
  }
}

/** Remembers the tokens of open exchanges for their endings. */
function createFollower () {
  const open = new Map<string, Tokens>()
  const ofEndings = new Map<string, Tokens>()
  return {
    follow (writer: string, event: AuditEvent, { seq, tokens }: Pick<AuditRecord, 'seq' | 'tokens'>) {
      const exchange = exchangeOf(event)
      if (exchange === undefined) return
      const name = `${writer} ${exchange}`
      if (!isEnding(event.kind)) { open.set(name, tokens); return }
      const begun = open.get(name)
      if (begun !== undefined) ofEndings.set(`${writer} ${seq}`, begun)
      open.delete(name)
    },
    take (writer: string, seq: number): Tokens | undefined {
      const name = `${writer} ${seq}`
      const tokens = ofEndings.get(name)
      ofEndings.delete(name)
      return tokens
    },
  }
}

function addSegment (database: DatabaseSync, { name, from, to, records }: IndexedSegment, tokensOfBeginning: (seq: number) => Tokens | undefined): void {
  const tokens = new Set<string>()
  const kinds = new Map<string, number>()
  for (const record of records) {
    for (const token of [...Object.values(record.tokens), ...Object.values(tokensOfBeginning(record.seq) ?? {})]) tokens.add(token)
    kinds.set(record.kind, (kinds.get(record.kind) ?? 0) + 1)
  }
  database.exec('BEGIN IMMEDIATE')
  try {
    database.prepare('INSERT OR IGNORE INTO segment (name, first_time, last_time, records) VALUES (?, ?, ?, ?)').run(name, from, to, records.length)
    const id = Number(database.prepare('SELECT id FROM segment WHERE name = ?').get(name)?.['id'])
    const addToken = database.prepare('INSERT OR IGNORE INTO token (token, segment) VALUES (?, ?)')
    for (const token of tokens) addToken.run(Buffer.from(token, 'base64url'), id)
    const addKind = database.prepare('INSERT OR REPLACE INTO kind (kind, segment, records) VALUES (?, ?, ?)')
    for (const [kind, count] of kinds) addKind.run(kind, id, count)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function findSegments (database: DatabaseSync, { tokens, from, to }: IndexSearch): readonly string[] {
  const wanted = (Object.keys(tokens) as TokenName[]).map(name => tokens[name] ?? [])
  const conditions = wanted.map(list => `id IN (SELECT segment FROM token WHERE token IN (${list.map(() => '?').join(', ')}))`)
  // An ending may lie later than the range in which its exchange began.
  const statement = database.prepare(`SELECT name FROM segment WHERE ${['last_time >= ?', ...(wanted.length === 0 ? ['first_time < ?'] : ['? IS NOT NULL']), ...conditions].join(' AND ')}`)
  return statement.all(from, to, ...wanted.flat().map(token => Buffer.from(token, 'base64url'))).map(row => String(row['name']))
}
