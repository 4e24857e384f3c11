// `npm run bench -- redaction`: what is found and how fast, beside the detectors of npm on the same generated texts in the same run; then our engine by itself on whole messages.
import { rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { redactText } from '../../src/phi/prose/chain.ts'
import { createNote, createRandom, evasions, impersonal, leftOf, type Note } from '../../test/support/phi-corpus.ts'
import { aboutNobody, createLetter } from '../../test/support/phi-letters.ts'
import { measureMessages } from './messages.ts'
import { installPeers, type Redacter } from './peers.ts'
import { makeDirectory } from '../processes.ts'

interface Result {
  readonly name: string
  readonly megabytesPerSecond: number
  readonly recall: Readonly<Record<string, number>>
  readonly all: number
  readonly disguised: number
  readonly touched: number
}

const own: Redacter = { name: 'sallyport', redact: text => redactText(text)?.text ?? text }
const disguises = ['fullwidth', 'zeroWidth', 'homoglyphs', 'arabicDigits', 'entities'] as const

function createTexts (count: number): { readonly notes: readonly Note[], readonly hidden: readonly Note[] } {
  const random = createRandom(20260701)
  const notes = Array.from({ length: count }, (_, index) => index % 2 === 0 ? createNote(random, index % 4 === 0) : createLetter(random))
  const hidden = Array.from({ length: count >> 2 }, () => {
    const note = createNote(random)
    const planted = random.pick(note.planted)
    return { text: note.text.replace(planted.value, evasions[random.pick(disguises)]?.(planted.value, random) ?? ''), planted: [planted] }
  })
  return { notes, hidden }
}

const share = (part: number, whole: number): number => whole === 0 ? 1 : part / whole
const readable = (text: string): string => text.normalize('NFKC').replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))).replace(/[^\p{L}\p{N}]/gu, '')

async function measure ({ name, redact }: Redacter, { notes, hidden }: ReturnType<typeof createTexts>): Promise<Result> {
  for (const note of notes.slice(0, 50)) await redact(note.text)
  const outs: string[] = []
  const began = performance.now()
  for (const note of notes) outs.push(await redact(note.text))
  const seconds = (performance.now() - began) / 1000
  const bytes = notes.reduce((sum, note) => sum + Buffer.byteLength(note.text), 0)
  const counts = new Map<string, { all: number, gone: number }>()
  for (const [index, note] of notes.entries()) {
    for (const planted of note.planted) {
      const count = counts.get(planted.kind) ?? { all: 0, gone: 0 }
      counts.set(planted.kind, { all: count.all + 1, gone: count.gone + (leftOf(planted, note, outs[index] as string).length === 0 ? 1 : 0) })
    }
  }
  let disguised = 0
  // A disguised value is gone when what a reader sees of it in what went in is not in what comes out.
  for (const note of hidden) {
    const out = await redact(note.text)
    const isLeft = note.planted.some(planted => leftOf(planted, { text: '', planted: [planted] }, out).length > 0 || readable(out).includes(readable(planted.value)))
    if (out !== note.text && !isLeft) disguised += 1
  }
  let touched = 0
  const nobody = [...impersonal, ...aboutNobody]
  for (const text of nobody) if (await redact(text) !== text) touched += 1
  const total = [...counts.values()].reduce((sum, { all, gone }) => ({ all: sum.all + all, gone: sum.gone + gone }), { all: 0, gone: 0 })
  const recall = Object.fromEntries([...counts].map(([kind, { all, gone }]) => [kind, share(gone, all)]))
  const megabytesPerSecond = bytes / 1e6 / seconds
  return { name, megabytesPerSecond, recall, all: share(total.gone, total.all), disguised: share(disguised, hidden.length), touched: share(touched, nobody.length) }
}

const percent = (value: number | undefined): string => value === undefined ? '-' : `${(value * 100).toFixed(1)} %`

function formatTable (results: readonly Result[]): string {
  const kinds = Object.keys(results[0]?.recall ?? {})
  const rows: (readonly [string, (result: Result) => string])[] = [
    ['MB/s', result => result.megabytesPerSecond.toFixed(2)],
    ['found, all', result => percent(result.all)],
    ...kinds.map(kind => [`  ${kind}`, (result: Result) => percent(result.recall[kind])] as const),
    ['found, disguised', result => percent(result.disguised)],
    ['texts about nobody touched', result => percent(result.touched)],
  ]
  const line = (title: string, cells: readonly string[]) => title.padEnd(28) + cells.map(cell => cell.padStart(22)).join('')
  return [line('', results.map(result => result.name)), ...rows.map(([title, cell]) => line(title, results.map(cell)))].join('\n')
}

export async function benchRedaction ({ isJson, scale }: { readonly isJson: boolean, readonly scale: number }): Promise<void> {
  const say = (text: string) => { if (!isJson) console.log(text) }
  const directory = makeDirectory()
  try {
    say(`Node ${process.versions.node}, ${cpus().length} cores${scale === 1 ? '' : `; scaled by ${scale}: the figures say little`}`)
    const { peers, missing } = installPeers(directory)
    for (const sentence of missing) say(sentence)
    const texts = createTexts(Math.max(200, Math.round(2000 * scale)))
    const results: Result[] = []
    for (const peer of [own, ...peers]) results.push(await measure(peer, texts))
    say(`\n${texts.notes.length} generated notes and letters, every planted value counted; gone means that no word of it is left\n${formatTable(results)}`)
    const messages = measureMessages(Math.max(50, Math.round(500 * scale)))
    say(`\nOur engine on whole messages\n${messages.map(({ title, value, unit, target }) => `  ${title.padEnd(44)}${value.toFixed(1).padStart(8)} ${unit.padEnd(5)} target ${target}`).join('\n')}`)
    if (isJson) console.log(JSON.stringify({ results, messages, missing }))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
