// What a verification found, in words: the verdict first, then what it rests on, then every finding with what to do. It decides nothing.
import type { DamageClass, Verdict, VerifyFinding, VerifyTold } from '../operations/verify-trail.ts'

const verdicts: Readonly<Record<Verdict, string>> = {
  intact: 'INTACT      every record is as it was written, and up to the last checkpoint none is missing',
  tampered: 'TAMPERED    something is not what was written',
  incomplete: 'INCOMPLETE  records are missing',
  unknown: 'UNKNOWN     what is here is as it was written, but nothing proves that it is all',
}

const advice: Readonly<Record<Verdict, readonly string[]>> = {
  intact: [],
  tampered: ['Keep every place as it is, make a copy, and let somebody look who does not administer this machine or Redis.'],
  incomplete: ['Look for the missing part elsewhere (Redis, the spool, a backup) before anything is restored over what is here.'],
  unknown: ['Give the checkpoints that a witness or another replica keeps: --checkpoints DIRECTORY. If the gateway should be running, look why it does not.'],
}

/** What each class means, for somebody who reads it for the first time. */
const meanings: Readonly<Record<DamageClass, string>> = {
  edit: 'a record or header was changed',
  reorder: 'records stand in another order',
  fork: 'the chain has another continuation than the one that was signed or written elsewhere',
  'bad signature': 'a checkpoint is not genuine',
  'key outside epoch': 'sealed with a key that is not for this epoch',
  gap: 'records are missing between others, or before them',
  truncation: 'the end is missing',
  'replayed backup': 'an older state stands where a newer one was',
  stale: 'no recent checkpoint proves the end',
}

const shownFindings = 20

const plural = (count: number, one: string, many: string) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`

function describeFinding ({ class: kind, source, writer, epoch, seq, detail }: VerifyFinding): string {
  const where = writer === '' ? '' : `writer ${writer}, epoch ${epoch}${seq === 0 ? '' : `, record ${seq}`}: `
  return `  ${kind.padEnd(17)}  ${source}: ${where}${detail}.`
}

export function formatVerification (told: VerifyTold): readonly string[] {
  const { verdict, findings, found, records, epochs, writers, proven, remarks, places, checkpoints } = told
  const [first] = findings
  const classes = [...new Set(findings.map(finding => finding.class))]
  return [
    verdicts[verdict],
    '',
    `Read  ${plural(records, 'record', 'records')} of ${plural(epochs, 'epoch', 'epochs')} and ${plural(writers, 'writer', 'writers')} in ${places.join(', ')}; ${plural(checkpoints, 'checkpoint', 'checkpoints')}.`,
    ...proven.map(({ writer, epoch, seq, time, isLast }) =>
      `Last good checkpoint of writer ${writer}: ${new Date(time).toISOString()}, epoch ${epoch}, record ${seq}${isLast ? ', the end of that epoch' : ''}.`),
    ...(first === undefined ? [] : ['', `First: ${first.writer === '' ? first.source : `writer ${first.writer}, epoch ${first.epoch}, record ${first.seq}`} (${first.class}). In all ${plural(found, 'finding', 'findings')}:`]),
    ...findings.slice(0, shownFindings).map(describeFinding),
    ...(found > shownFindings ? [`  and ${(found - shownFindings).toLocaleString('en')} more (--json shows the first ${findings.length})`] : []),
    ...(classes.length === 0 ? [] : ['', ...classes.map(name => `  ${name.padEnd(17)}  means: ${meanings[name]}`)]),
    ...(remarks.length === 0 ? [] : ['', ...remarks]),
    ...(advice[verdict].length === 0 ? [] : ['', ...advice[verdict]]),
  ]
}
