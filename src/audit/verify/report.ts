// What a verification says: what is wrong with which record, in the classes of the plan, and what follows from all of it.

/**
 * edit: a record or header is not what was written. gap: records are missing between others. reorder: records stand in another order. truncation: an
 * end is missing. fork: two continuations of one chain. bad signature: a checkpoint is not genuine. key outside epoch: sealed with a key that is not
 * for it. stale: nothing proves the end. replayed backup: whole later epochs are missing that once were.
 */
export const damageClasses = ['edit', 'reorder', 'fork', 'bad signature', 'key outside epoch', 'gap', 'truncation', 'replayed backup', 'stale'] as const
export type DamageClass = typeof damageClasses[number]

export interface VerifyFinding {
  readonly class: DamageClass
  /** For people: `the gateway's spool`. */
  readonly source: string
  readonly writer: string
  readonly epoch: number
  /** 0 when it is about the epoch as a whole. */
  readonly seq: number
  /** One sentence. */
  readonly detail: string
}

export type Verdict = 'intact' | 'tampered' | 'incomplete' | 'unknown'

const verdicts: Readonly<Record<DamageClass, Exclude<Verdict, 'intact'>>> = {
  edit: 'tampered',
  reorder: 'tampered',
  fork: 'tampered',
  'bad signature': 'tampered',
  'key outside epoch': 'tampered',
  gap: 'incomplete',
  truncation: 'incomplete',
  'replayed backup': 'incomplete',
  stale: 'unknown',
}

const worstFirst = ['tampered', 'incomplete', 'unknown'] as const

/** What decides the verdict stands first; else in the order in which it was found. */
export function sortFindings (findings: readonly VerifyFinding[]): readonly VerifyFinding[] {
  return worstFirst.flatMap(verdict => findings.filter(finding => verdicts[finding.class] === verdict))
}

/** The worst that is found decides; nothing read is nothing proven. */
export function judgeFindings (findings: readonly VerifyFinding[], records: number): Verdict {
  const found = new Set(findings.map(finding => verdicts[finding.class]))
  for (const verdict of worstFirst) if (found.has(verdict)) return verdict
  return records === 0 ? 'unknown' : 'intact'
}

export interface ProvenEnd {
  readonly writer: string
  readonly epoch: number
  readonly seq: number
  /** Of the checkpoint, milliseconds since the epoch. */
  readonly time: number
  readonly isLast: boolean
}

export interface VerifyReport {
  readonly verdict: Verdict
  /** What decides the verdict first; at most about `keptFindings`, at least one of each class. */
  readonly findings: readonly VerifyFinding[]
  readonly found: number
  readonly records: number
  readonly epochs: number
  readonly writers: number
  /** The last good checkpoint of each writer. */
  readonly proven: readonly ProvenEnd[]
  /** Sentences that are no findings. */
  readonly remarks: readonly string[]
}

export const keptFindings = 1000
