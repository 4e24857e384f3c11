// Which segment of the archive holds what: tokens and times, a SQLite file for each month. It can be lost: a segment that it does not know is read for
// every question.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeDirectory } from '../../shared/make-directory.ts'
import type { AuditEvent } from '../event.ts'
import { exchangeOf, isEnding } from '../open-exchanges.ts'
import type { WantedTokens } from '../questions/query.ts'
import type { AuditRecord } from '../record-form.ts'
import type { TokenName } from '../tokens.ts'

export interface IndexedSegment {
  readonly name: string
  readonly writer: string
  /** Times of the oldest and the newest record. */
  readonly from: number
  readonly to: number
  readonly records: ReadonlyArray<Pick<AuditRecord, 'seq' | 'tokens'>>
}

/** What is remembered of an exchange until it ends. */
type Beginning = Pick<AuditRecord, 'tokens' | 'time'>

export interface IndexSearch {
  readonly tokens: WantedTokens
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly to: number
}

export interface ArchiveIndex {
  /** Every record of a writer, in order, also those that are archived already: an ending is found where its exchange began. */
  follow (writer: string, event: AuditEvent, record: Beginning & Pick<AuditRecord, 'seq'>): void
  add (segment: IndexedSegment): void
  /** Segments that may hold an answer, of those that it knows. */
  find (search: IndexSearch): ReadonlySet<string>
  /** A segment is gone; `to`: it has this name now. */
  forget (name: string, to?: string): void
  /** Names of all segments that it knows. */
  /** With the time of its last record, milliseconds since the epoch. */
  known (): ReadonlyMap<string, number>
  close (): void
}

const schema = `
  CREATE TABLE IF NOT EXISTS segment (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, reaches_back_to INTEGER NOT NULL, last_time INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS token (token BLOB NOT NULL, segment INTEGER NOT NULL, PRIMARY KEY (token, segment)) STRICT, WITHOUT ROWID;`

const monthOf = (time: number) => new Date(time).toISOString().slice(0, 7)

/** Opens or makes the index in a directory. Throws the system's error when it cannot be used. */
export async function openArchiveIndex (directory: string): Promise<ArchiveIndex> {
  await makeDirectory(directory)
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
    find (search) {
      const look = (from: number) => all().flatMap(month => findSegments(open(month), { ...search, from }))
      const found = look(search.from)
      // What ends in them may have begun before the range, and only its beginning says so.
      const earliest = found.reduce((least, { reachesBackTo }) => Math.min(least, reachesBackTo), search.from)
      return new Set((earliest < search.from ? look(earliest) : found).map(({ name }) => name))
    },
    forget (name, to) {
      for (const month of all()) {
        const database = open(month)
        if (to === undefined) database.prepare('DELETE FROM token WHERE segment IN (SELECT id FROM segment WHERE name = ?)').run(name)
        database.prepare(to === undefined ? 'DELETE FROM segment WHERE name = ?' : 'UPDATE segment SET name = ?2 WHERE name = ?1').run(name, ...(to === undefined ? [] : [to]))
      }
    },
    known: () => new Map(all().flatMap(month => open(month).prepare('SELECT name, last_time FROM segment').all().map(row => [String(row['name']), Number(row['last_time'])] as const))),
    close () { for (const database of months.values()) database.close() },
  }
}

/** Remembers how open exchanges began, for their endings. */
function createFollower () {
  const open = new Map<string, Beginning>()
  const ofEndings = new Map<string, Beginning>()
  return {
    follow (writer: string, event: AuditEvent, { seq, tokens, time }: Beginning & Pick<AuditRecord, 'seq'>) {
      const exchange = exchangeOf(event)
      if (exchange === undefined) return
      const name = `${writer} ${exchange}`
      if (!isEnding(event.kind)) { open.set(name, { tokens, time }); return }
      const begun = open.get(name)
      if (begun !== undefined) ofEndings.set(`${writer} ${seq}`, begun)
      open.delete(name)
    },
    take (writer: string, seq: number): Beginning | undefined {
      const name = `${writer} ${seq}`
      const begun = ofEndings.get(name)
      ofEndings.delete(name)
      return begun
    },
  }
}

function addSegment (database: DatabaseSync, { name, from, to, records }: IndexedSegment, beginningOf: (seq: number) => Beginning | undefined): void {
  const tokens = new Set<string>()
  let reachesBackTo = from
  for (const record of records) {
    const begun = beginningOf(record.seq)
    for (const token of [...Object.values(record.tokens), ...Object.values(begun?.tokens ?? {})]) tokens.add(token)
    reachesBackTo = Math.min(reachesBackTo, begun?.time ?? from)
  }
  database.exec('BEGIN IMMEDIATE')
  try {
    database.prepare('INSERT OR IGNORE INTO segment (name, reaches_back_to, last_time) VALUES (?, ?, ?)').run(name, reachesBackTo, to)
    const id = Number(database.prepare('SELECT id FROM segment WHERE name = ?').get(name)?.['id'])
    const addToken = database.prepare('INSERT OR IGNORE INTO token (token, segment) VALUES (?, ?)')
    for (const token of tokens) addToken.run(Buffer.from(token, 'base64url'), id)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function findSegments (database: DatabaseSync, { tokens, from, to }: IndexSearch): ReadonlyArray<{ readonly name: string, readonly reachesBackTo: number }> {
  const wanted = (Object.keys(tokens) as TokenName[]).map(name => tokens[name] ?? [])
  const conditions = ['last_time >= ?', 'reaches_back_to < ?', ...wanted.map(list => `id IN (SELECT segment FROM token WHERE token IN (${list.map(() => '?').join(', ')}))`)]
  return database.prepare(`SELECT name, reaches_back_to FROM segment WHERE ${conditions.join(' AND ')}`)
    .all(from, to, ...wanted.flat().map(token => Buffer.from(token, 'base64url')))
    .map(row => ({ name: String(row['name']), reachesBackTo: Number(row['reaches_back_to']) }))
}
