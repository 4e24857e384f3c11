// Where a writer's trail begins in one place, after what came before was removed on purpose: a line that only the holder of the audit key can write. Whoever
// removes records without it leaves a gap.
import type { AuditKeys } from '../keys.ts'
import { isSameText, macOf } from '../record-form.ts'

/** A kind of place; what is said of one does not count in another. */
export type PlaceKind = 'spool' | 'redis' | 'archive'

/** The last record that was removed. */
export interface Beginning {
  readonly writer: string
  readonly epoch: number
  readonly seq: number
  /** Its hash, base64url: what is left is chained to it. */
  readonly hash: string
}

export interface BeginningContext {
  readonly kind: PlaceKind
  readonly gateway: string
  readonly keys: AuditKeys
}

/** The line, without its line break. */
export function formatBeginning ({ writer, epoch, seq, hash }: Beginning, { kind, gateway, keys }: BeginningContext): string {
  const clear = `{"v":1,"place":"${kind}","gateway":"${gateway}","writer":"${writer}","epoch":${epoch},"removed":${seq},"hash":"${hash}"`
  return `${clear},"mac":"${macOf(clear, keys.of(epoch).beginning)}"}`
}

const shape = new RegExp('^(?<clear>\\{"v":1,"place":"(?<kind>spool|redis|archive)","gateway":"(?<gateway>[a-z][a-z0-9-]{0,62})","writer":"(?<writer>[A-Za-z0-9_-]{1,64})",' +
  '"epoch":(?<epoch>[1-9][0-9]{0,11}),"removed":(?<seq>[1-9][0-9]{0,14}),"hash":"(?<hash>[A-Za-z0-9_-]{43})"),"mac":"(?<mac>[A-Za-z0-9_-]{22})"\\}$')

/** The lines of a text that are genuine and about this kind of place; oldest first. */
export function readBeginnings (text: string, { kind, gateway, keys }: BeginningContext): readonly Beginning[] {
  const found: Beginning[] = []
  for (const line of text.split('\n')) {
    const groups = shape.exec(line)?.groups
    if (groups === undefined || groups['kind'] !== kind || groups['gateway'] !== gateway) continue
    const epoch = Number(groups['epoch'])
    if (!isSameText(macOf(groups['clear'] as string, keys.of(epoch).beginning), groups['mac'] as string)) continue
    found.push({ writer: groups['writer'] as string, epoch, seq: Number(groups['seq']), hash: groups['hash'] as string })
  }
  return found.sort(compareBeginnings)
}

export function compareBeginnings (one: Pick<Beginning, 'epoch' | 'seq'>, other: Pick<Beginning, 'epoch' | 'seq'>): number {
  return one.epoch - other.epoch || one.seq - other.seq
}

/** The one after which a writer's first record here comes: number `first` of `epoch`. Undefined when nothing accounts for what is missing before it. */
export function findBeginning (beginnings: readonly Beginning[], first: { readonly writer: string, readonly epoch: number, readonly first: number }): Beginning | undefined {
  const own = beginnings.filter(({ writer }) => writer === first.writer)
  // An epoch that is here from its first record on continues an earlier one; its own first record says which.
  return first.first > 1 ? own.find(({ epoch, seq }) => epoch === first.epoch && seq === first.first - 1) : own.findLast(({ epoch }) => epoch < first.epoch)
}

/** The text with one more. The ones before it stay for a while: until the removal is done, the place begins there. */
export function addBeginning (text: string, added: Beginning, context: BeginningContext): string {
  const line = formatBeginning(added, context)
  const known = readBeginnings(text, context).filter(each => each.writer === added.writer && compareBeginnings(each, added) < 0).slice(-2)
  return [...known.map(each => formatBeginning(each, context)), line].map(each => `${each}\n`).join('')
}
